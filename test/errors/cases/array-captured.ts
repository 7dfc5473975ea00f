import { act, op } from 'warpsmith/dsl';

const factors = [1, 2, 3, 4];

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => x(t, h) * factors[h] }),
});
