import { act, attend, op, ragged, seq, seqStart } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ v: act(T, H, D) }),
  outputs: ({ T, H, D }) => ({ o: act(T, H, D) }),
  define: (_, { v }) => ({
    o: (t, h) => attend(t + 1, (j) => ({ score: 1, value: (d) => v(j, h, d) })),
  }),
});
