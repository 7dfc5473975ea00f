import { f32, i32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * The log-probability, a natural logarithm, of the token drawn, or of targets[r] where that is given (not negative), from the raw logits:
 * logprob[r] = logits[r, targets[r] >= 0 ? targets[r] : token[r]] - normalizer[r].
 * logits: f32[R, V], normalizer: f32[R], token: i32[R] in [0, V), targets: i32[R] in [-1, V) -> logprob: f32[R].
 */
export const tokenLogprob = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ logits: f32(R, V), normalizer: f32(R), token: i32(R).in(0, V), targets: i32(R).in(-1, V) }),
  outputs: ({ R }) => ({ logprob: f32(R) }),
  define: (_, { logits, normalizer, token, targets }) => ({
    logprob: (r) => logits(r, targets(r) >= 0 ? targets(r) : token(r)) - normalizer(r),
  }),
});
