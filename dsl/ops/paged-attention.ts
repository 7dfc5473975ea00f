import { idiv } from '../lang/arithmetic.ts';
import { attend, range } from '../lang/attend.ts';
import { pos, seq } from '../lang/batch.ts';
import { act, f32, kvCache, ragged } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { sum } from '../lang/reductions.ts';

/**
 * Causal grouped-query attention over the paged KV cache; one definition for prefill, chunked prefill and decode (Kwon et al., 2023).
 * o[t, h, d] = sum_j softmax_j(scale * sum_i q[t, h, i] * kv.k[s, j, g, i]) * kv.v[s, j, g, d], with s = seq(t), g = idiv(h, HQ / HK) and
 * j over the positions [0, pos(t)] of s.
 * q: act[T, HQ, D], kv: paged { k[HK, D], v[HK, D] } -> o: act[T, HQ, D].
 */
export const pagedAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), kv: kvCache(HK, D) }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, kv }, { scale }) => ({
    o: (t, h) =>
      attend(range(0, pos(t) + 1), (j) => ({
        score: scale * sum(D, (d) => q(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d)),
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});
