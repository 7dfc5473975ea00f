import { act, op, range, sum } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => sum(range(0, H), (i) => x(t, i)) }),
});
