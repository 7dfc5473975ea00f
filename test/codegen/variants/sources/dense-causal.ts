import { act, attend, f32, idiv, op, ragged, range, seq, seqStart, sum, tanh } from 'warpsmith/dsl';

/** Causal attention over dense keys and values of another width, with a soft cap and an added bias by distance. */
export const denseCausalAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D', 'DV'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D, DV }) => ({ q: act(T, HQ, D), k: act(T, HK, D), v: act(T, HK, DV), slope: f32(HQ) }),
  attrs: { scale: f32, cap: f32 },
  outputs: ({ T, HQ, DV }) => ({ o: act(T, HQ, DV) }),
  define: ({ HQ, HK, D }, { q, k, v, slope }, { scale, cap }) => ({
    o: (t, h) =>
      attend(range(seqStart(seq(t)), t + 1), (j) => ({
        score: cap * tanh((scale * sum(D, (d) => q(t, h, d) * k(j, idiv(h, HQ / HK), d))) / cap) + slope(h) * (j - t),
        value: (d) => v(j, idiv(h, HQ / HK), d),
      })),
  }),
});
