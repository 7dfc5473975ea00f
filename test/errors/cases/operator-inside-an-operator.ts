import { act, op } from 'warpsmith/dsl';

export const doubled = op({
  dims: ['N'],
  inputs: ({ N }) => ({ x: act(N) }),
  outputs: ({ N }) => ({ y: act(N) }),
  define: (_, { x }) => ({ y: (n) => 2 * x(n) }),
});

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => doubled(x(t, h)) }),
});
