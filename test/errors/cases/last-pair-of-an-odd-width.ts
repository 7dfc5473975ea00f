import { act, mod, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'D'],
  inputs: ({ T, D }) => ({ x: act(T, D) }),
  outputs: ({ T, D }) => ({ y: act(T, D) }),
  define: (_, { x }) => ({ y: (t, d) => (mod(d, 2) === 0 ? x(t, d + 1) : x(t, d - 1)) }),
});
