import { act, attend, f32, i32, idiv, kvCache, maximum, op, pos, ragged, range, seq, sum } from 'warpsmith/dsl';

/** Paged attention to the last `window` positions; the range begins where the window does. */
export const windowRangeAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), kv: kvCache(HK, D) }),
  attrs: { scale: f32, window: i32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, kv }, { scale, window }) => ({
    o: (t, h) =>
      attend(range(maximum(0, pos(t) + 1 - window), pos(t) + 1), (j) => ({
        score: scale * sum(D, (d) => q(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d)),
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});
