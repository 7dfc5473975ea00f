import { act, op } from 'warpsmith/dsl';

const even = (n: number): number => odd(n - 1);
const odd = (n: number): number => even(n - 1);

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => even(x(t, h)) }),
});
