import { f32, i32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { topN } from '../lang/reductions.ts';

/**
 * The likeliest tokens of each row, the likeliest first: ids[r, n] = topN(V, N, logits[r])(n), by the raw logits.
 * logits: f32[R, V] -> ids: i32[R, N] in [0, V).
 */
export const topTokens = op({
  dims: ['R', 'V', 'N'],
  where: ({ V, N }) => [N <= V],
  inputs: ({ R, V }) => ({ logits: f32(R, V) }),
  outputs: ({ R, V, N }) => ({ ids: i32(R, N).in(0, V) }),
  define: ({ V, N }, { logits }) => ({ ids: (r, n) => topN(V, N, (v) => logits(r, v))(n) }),
});
