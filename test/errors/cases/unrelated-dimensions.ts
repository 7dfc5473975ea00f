import { act, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['N', 'V'],
  inputs: ({ V }) => ({ x: act(V) }),
  outputs: ({ N }) => ({ y: act(N) }),
  define: (_, { x }) => ({ y: (n) => x(n) }),
});
