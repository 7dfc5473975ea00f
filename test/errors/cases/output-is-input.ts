import { act, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ x: act(T, H) }),
  define: (_, { x }) => ({ x: (t, h) => 2 * x(t, h) }),
});
