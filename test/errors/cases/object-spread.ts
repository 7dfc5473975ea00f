import { act, op } from 'warpsmith/dsl';

const parts = {};

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ ...parts, y: (t, h) => x(t, h) }),
});
