/** The sampler of a step: from raw logits to a token a row, with log-probabilities of the raw logits. */
import type { SymbolicTensor } from '../lang/symbolic.ts';
import {
  applyTemperature,
  countTokens,
  keepTokens,
  logSumExp,
  minP,
  penalize,
  sample,
  tokenLogprob,
  topK,
  topLogprobs,
  topP,
  topTokens,
} from '../ops/index.ts';
import type { Model } from './layers.ts';

/** How many of the most probable tokens a step reports, where the vocabulary has as many. */
const topCount = 20;

/**
 * Inputs by row: `targets` (where not negative, the token whose log-probability is reported instead of the drawn one's),
 * temperature (0: greedy), top-k, top-p, min-p, penalties, seed, the position of the token to draw, and the row of the
 * sequence in the state (read only where `usePenalties` is not 0). The token drawn is kept in row `keptRow` of `lastTokens`, i32[S],
 * where that is not negative.
 */
export function sampleTokens(
  model: Model,
  logits: SymbolicTensor,
  lastTokens: SymbolicTensor,
): Readonly<Record<string, SymbolicTensor>> {
  const { graph, config } = model;
  const number = (name: string) => graph.input(name, 'f32', ['R']);
  const index = (name: string) => graph.input(name, 'i32', ['R']);
  const stateRow = index('stateRow');
  const usePenalties = index('usePenalties');
  const outputCounts = graph.state('outputCounts', 'i32', ['S', config.vocabSize]);
  const temperature = number('temperature');
  const penalized = penalize({
    logits,
    usePenalties,
    stateRow,
    repetition: number('repetitionPenalty'),
    presence: number('presencePenalty'),
    frequency: number('frequencyPenalty'),
    promptSeen: graph.state('promptSeen', 'i32', ['S', config.vocabSize]),
    outputCounts,
    logitBias: graph.state('logitBias', 'f32', ['S', config.vocabSize]),
  }).y;
  const scaled = applyTemperature({ x: penalized, temperature }).y;
  const amongK = topK({ x: scaled, k: index('topK') }).y;
  const amongP = topP({ x: amongK, p: number('topP') }).y;
  const likely = minP({ x: amongP, p: number('minP') }).y;
  const { token } = sample({ x: likely, temperature, seed: index('seed'), position: index('position') });
  countTokens({ token, stateRow, usePenalties, outputCounts });
  const normalizer = logSumExp({ x: logits }).y;
  const { logprob } = tokenLogprob({ logits, normalizer, token, targets: index('targets') });
  const { ids } = topTokens({ logits }, {}, { dims: { N: Math.min(topCount, config.vocabSize) } });
  const { logprobs } = topLogprobs({ logits, normalizer, ids });
  keepTokens({ token, keptRow: index('keptRow'), lastTokens }, {}, { dims: { V: config.vocabSize } });
  return { token, logprob, topIds: ids, topLogprobs: logprobs, logits };
}
