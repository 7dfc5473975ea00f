import { idiv } from '../lang/arithmetic.ts';
import { attend, range } from '../lang/attend.ts';
import { seq, seqStart } from '../lang/batch.ts';
import { act, f32, ragged } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { sum } from '../lang/reductions.ts';

/**
 * Causal grouped-query attention of a ragged batch over its own keys and values, without a cache (Ainslie et al., 2023):
 * o[t, h, d] = sum_j softmax_j(scale * sum_i q[t, h, i] * k[j, g, i]) * v[j, g, d], with g = idiv(h, HQ / HK) and j over the tokens of
 * t's sequence up to t itself.
 * q: act[T, HQ, D], k: act[T, HK, D], v: act[T, HK, D] -> o: act[T, HQ, D].
 */
export const denseAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), k: act(T, HK, D), v: act(T, HK, D) }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, k, v }, { scale }) => ({
    o: (t, h) =>
      attend(range(seqStart(seq(t)), t + 1), (j) => ({
        score: scale * sum(D, (d) => q(t, h, d) * k(j, idiv(h, HQ / HK), d)),
        value: (d) => v(j, idiv(h, HQ / HK), d),
      })),
  }),
});
