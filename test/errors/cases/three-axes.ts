import { act, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'H', 'D'],
  inputs: ({ T, H, D }) => ({ x: act(T, H, D) }),
  outputs: ({ T, H, D }) => ({ y: act(T, H, D) }),
  define: (_, { x }) => ({ y: (t, h, d) => x(t, h, d + 1) }),
});
