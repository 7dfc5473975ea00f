import { act, attend, f32, idiv, kvCache, op, pos, ragged, range, seq, sum, tanh } from 'warpsmith/dsl';

/** Paged attention whose scores are held within (-cap, cap): cap * tanh(score / cap), as Gemma 2 does. */
export const softCapAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), kv: kvCache(HK, D) }),
  attrs: { scale: f32, cap: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, kv }, { scale, cap }) => ({
    o: (t, h) =>
      attend(range(0, pos(t) + 1), (j) => ({
        score: cap * tanh((scale * sum(D, (d) => q(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d))) / cap),
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});
