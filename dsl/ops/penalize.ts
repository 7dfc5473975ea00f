import { f32, i32, state } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * Logit bias, then the penalties of repetition (over prompt and output; Keskar et al., 2019), presence and frequency (over
 * the output; OpenAI's API): y[r, v] = c - (n > 0 ? presence[r] : 0) - frequency[r] * n, with s = stateRow[r], n = outputCounts[s, v]
 * and b = logits[r, v] + logitBias[s, v]; c is b / repetition[r], of b <= 0 b * repetition[r], where prompt or output have the token,
 * else b. Counts and bias are state, a row a sequence; a row r with usePenalties[r] = 0 reads none of it and keeps its logits.
 * logits: f32[R, V], usePenalties: i32[R], stateRow: i32[R] in [0, S), repetition: f32[R], presence: f32[R], frequency: f32[R],
 * promptSeen: state i32[S, V], outputCounts: state i32[S, V], logitBias: state f32[S, V] -> y: f32[R, V].
 */
export const penalize = op({
  dims: ['R', 'S', 'V'],
  inputs: ({ R, S, V }) => ({
    logits: f32(R, V),
    usePenalties: i32(R),
    stateRow: i32(R).in(0, S),
    repetition: f32(R),
    presence: f32(R),
    frequency: f32(R),
    promptSeen: state(i32(S, V)),
    outputCounts: state(i32(S, V)),
    logitBias: state(f32(S, V)),
  }),
  outputs: ({ R, V }) => ({ y: f32(R, V) }),
  define: (
    _,
    { logits, usePenalties, stateRow, repetition, presence, frequency, promptSeen, outputCounts, logitBias },
  ) => {
    const penalized = (r: number, v: number) => {
      const biased = logits(r, v) + logitBias(stateRow(r), v);
      const count = outputCounts(stateRow(r), v);
      const repeated = biased > 0 ? biased / repetition(r) : biased * repetition(r);
      const discouraged = count > 0 || promptSeen(stateRow(r), v) > 0 ? repeated : biased;
      return discouraged - (count > 0 ? presence(r) : 0) - frequency(r) * count;
    };
    return { y: (r, v) => (usePenalties(r) !== 0 ? penalized(r, v) : logits(r, v)) };
  },
});
