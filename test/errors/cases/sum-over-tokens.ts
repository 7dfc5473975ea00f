import { act, op, ragged, sum } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ T }, { x }) => ({ y: (t, h) => sum(T, (i) => x(i, h)) }),
});
