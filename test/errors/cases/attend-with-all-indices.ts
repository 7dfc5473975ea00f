import { act, attend, op, ragged, range, seq, seqStart, sum } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ q: act(T, H, D), k: act(T, H, D), v: act(T, H, D) }),
  outputs: ({ T, H, D }) => ({ o: act(T, H, D) }),
  define: ({ D }, { q, k, v }) => ({
    o: (t, h, c) => attend(range(seqStart(seq(t)), t + 1), (j) => ({
      score: sum(D, (d) => q(t, h, d) * k(j, h, d)),
      value: (d) => v(j, h, d),
    })),
  }),
});
