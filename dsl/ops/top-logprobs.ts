import { f32, i32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * Log-probabilities of listed tokens, natural logarithms: logprobs[r, n] = logits[r, ids[r, n]] - normalizer[r].
 * logits: f32[R, V], normalizer: f32[R], ids: i32[R, N] in [0, V) -> logprobs: f32[R, N].
 */
export const topLogprobs = op({
  dims: ['R', 'V', 'N'],
  inputs: ({ R, V, N }) => ({ logits: f32(R, V), normalizer: f32(R), ids: i32(R, N).in(0, V) }),
  outputs: ({ R, N }) => ({ logprobs: f32(R, N) }),
  define: (_, { logits, normalizer, ids }) => ({ logprobs: (r, n) => logits(r, ids(r, n)) - normalizer(r) }),
});
