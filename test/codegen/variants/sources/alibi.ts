import { act, attend, f32, idiv, kvCache, op, pos, ragged, range, seq, sum } from 'warpsmith/dsl';

/** Paged attention with a penalty by distance in place of positions in the keys (Press et al., 2022): one slope a head. */
export const alibiAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), kv: kvCache(HK, D), slope: f32(HQ) }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, kv, slope }, { scale }) => ({
    o: (t, h) =>
      attend(range(0, pos(t) + 1), (j) => ({
        score: scale * sum(D, (d) => q(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d)) + slope(h) * (j - pos(t)),
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});
