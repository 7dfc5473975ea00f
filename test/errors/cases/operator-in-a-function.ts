import { act, op } from 'warpsmith/dsl';

export const make = (scale: number) =>
  op({
    dims: ['T', 'H'],
    inputs: ({ T, H }) => ({ x: act(T, H) }),
    outputs: ({ T, H }) => ({ y: act(T, H) }),
    define: (_, { x }) => ({ y: (t, h) => scale * x(t, h) }),
  });
export const broken = make(2);
