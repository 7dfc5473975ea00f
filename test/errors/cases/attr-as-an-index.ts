import { act, i32, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'H'],
  attrs: { first: i32 },
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }, { first }) => ({ y: (t, h) => x(t, first + h) }),
});
