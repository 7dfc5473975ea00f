import { act, attend, op, ragged, range, seq, seqStart } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ v: act(T, H, D) }),
  outputs: ({ T, H, D }) => ({ o: act(T, H, D) }),
  define: (_, { v }) => ({
    o: (t, h) => attend(range(seqStart(seq(t)), t + 1), (j) => v(j, h, 0)),
  }),
});
