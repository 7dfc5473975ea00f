/** Shared by the sampler's tests: the chain of filters through the oracle, and the inputs of its operators for one row. */
import { applyTemperature, evaluate, minP, topK, topP } from '../../../dsl/index.ts';

type Attrs = Readonly<Record<string, number>>;

/** The scaled and filtered logits of one row, in the sampler's order. */
export function filteredLogits(logits: readonly number[], attrs: Attrs): readonly number[] {
  const { temperature = 1, top_k = 0, top_p = 1, min_p = 0 } = attrs;
  const dims = { R: 1, V: logits.length };
  const scaled = evaluate(applyTemperature, { dims, inputs: { x: logits, temperature: [temperature] } }).y;
  const amongK = evaluate(topK, { dims, inputs: { x: scaled, k: [top_k] } }).y;
  const amongP = evaluate(topP, { dims, inputs: { x: amongK, p: [top_p] } }).y;
  return [...evaluate(minP, { dims, inputs: { x: amongP, p: [min_p] } }).y];
}

/** One row whose sequence is row 1 of two of the state, with the given output so far. */
export function penaltyInputs(logits: readonly number[], outputIds: readonly number[], attrs: Attrs) {
  const V = logits.length;
  const counts = new Array<number>(2 * V).fill(0);
  for (const id of outputIds) counts[V + id] = (counts[V + id] ?? 0) + 1;
  return {
    logits,
    usePenalties: [1],
    stateRow: [1],
    repetition: [attrs.repetition_penalty ?? 1],
    presence: [attrs.presence_penalty ?? 0],
    frequency: [attrs.frequency_penalty ?? 0],
    promptSeen: new Array<number>(2 * V).fill(0),
    outputCounts: counts,
    logitBias: new Array<number>(2 * V).fill(0),
  };
}
