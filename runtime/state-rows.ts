/** The per-sequence state of the sampler: which tokens the prompt has, how often the output has them, and the bias. */
import type { StepEngine } from './engine-interface.ts';
import type { Sequence } from './sequence.ts';

/**
 * Writes what the sequence uses of its row to draw token `place`, and what is not there yet: all of it for its first draw behind
 * an admission, when all tokens are known, and the bias again when stop tokens may come. Counts of tokens drawn since are kept
 * by the engine itself, which knows them before the host does.
 */
export function writeStateRow(engine: StepEngine, sequence: Sequence, place: number): void {
  if (!sequence.usesState(place)) return;
  const bans = sequence.bansStopTokens(place);
  const wanted = bans ? 'with ban' : 'without ban';
  if (sequence.writtenState === wanted) return;
  if (sequence.writtenState === 'nothing') writeCounts(engine, sequence);
  sequence.writtenState = wanted;
  const logitBias = new Float32Array(engine.limits.vocabSize);
  for (const [token, bias] of sequence.params.logitBias) logitBias[token] = bias;
  if (bans) for (const token of sequence.params.stopTokenIds) logitBias[token] = Number.NEGATIVE_INFINITY;
  engine.writeStateRow('logitBias', sequence.stateRow, logitBias);
}

function writeCounts(engine: StepEngine, sequence: Sequence): void {
  const { vocabSize } = engine.limits;
  const promptSeen = new Int32Array(vocabSize);
  const outputCounts = new Int32Array(vocabSize);
  for (const [position, token] of sequence.tokens.entries()) {
    if (position < sequence.numPrompt) promptSeen[token] = 1;
    else outputCounts[token]! += 1;
  }
  engine.writeStateRow('promptSeen', sequence.stateRow, promptSeen);
  engine.writeStateRow('outputCounts', sequence.stateRow, outputCounts);
}
