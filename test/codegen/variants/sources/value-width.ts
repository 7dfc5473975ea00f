import { act, attend, f32, idiv, kvCache, op, pos, ragged, range, seq, sum } from 'warpsmith/dsl';

/** Paged attention whose values have a width of their own. */
export const valueWidthAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D', 'DV'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D, DV }) => ({ q: act(T, HQ, D), kv: kvCache(HK, D, DV) }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, DV }) => ({ o: act(T, HQ, DV) }),
  define: ({ HQ, HK, D }, { q, kv }, { scale }) => ({
    o: (t, h) =>
      attend(range(0, pos(t) + 1), (j) => ({
        score: scale * sum(D, (d) => q(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d)),
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});
