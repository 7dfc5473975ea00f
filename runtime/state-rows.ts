/** The per-sequence state of the sampler: which tokens the prompt has, how often the output has them, and the bias. */
import type { StepEngine } from './engine-interface.ts';
import type { Sequence } from './sequence.ts';

/**
 * Writes the sequence's rows if it uses them and they are stale: after admission, and when stop tokens may come. Counts of
 * tokens drawn since are kept by the engine itself.
 */
export function writeStateRows(engine: StepEngine, sequence: Sequence): void {
  if (!sequence.stateStale) return;
  sequence.stateStale = false;
  if (!sequence.usesState) return;
  const { vocabSize } = engine.limits;
  const promptSeen = new Int32Array(vocabSize);
  const outputCounts = new Int32Array(vocabSize);
  const logitBias = new Float32Array(vocabSize);
  for (const [position, token] of sequence.tokens.entries()) {
    if (position < sequence.numPrompt) promptSeen[token] = 1;
    else outputCounts[token]! += 1;
  }
  for (const [token, bias] of sequence.params.logitBias) logitBias[token] = bias;
  if (sequence.bansStopTokens) {
    for (const token of sequence.params.stopTokenIds) logitBias[token] = Number.NEGATIVE_INFINITY;
  }
  engine.writeStateRow('promptSeen', sequence.stateRow, promptSeen);
  engine.writeStateRow('outputCounts', sequence.stateRow, outputCounts);
  engine.writeStateRow('logitBias', sequence.stateRow, logitBias);
}
