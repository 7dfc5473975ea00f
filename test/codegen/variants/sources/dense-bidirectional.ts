import { act, attend, f32, idiv, op, ragged, range, seq, seqLen, seqStart, sum } from 'warpsmith/dsl';

/** Attention over dense keys and values, both ways, as an encoder does: every token sees its whole sequence. */
export const denseBidirectionalAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), k: act(T, HK, D), v: act(T, HK, D) }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, k, v }, { scale }) => ({
    o: (t, h) =>
      attend(range(seqStart(seq(t)), seqStart(seq(t)) + seqLen(seq(t))), (j) => ({
        score: scale * sum(D, (d) => q(t, h, d) * k(j, idiv(h, HQ / HK), d)),
        value: (d) => v(j, idiv(h, HQ / HK), d),
      })),
  }),
});
