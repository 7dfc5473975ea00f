import { act, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['N'],
  inputs: ({ N }) => ({ x: act(N) }),
  define: (_, { x }) => ({ y: (n) => x(n) }),
});
