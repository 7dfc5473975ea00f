import { act, i32, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: i32(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => x(t, h) }),
});
