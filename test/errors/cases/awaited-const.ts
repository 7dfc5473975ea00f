import { act, op } from 'warpsmith/dsl';

const factor = await Promise.resolve(2);

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => factor * x(t, h) }),
});
