import { act, op } from 'warpsmith/dsl';

const scaled = (x: number, factor: number) => x * factor;

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => scaled(x(t, h)) }),
});
