import { act, op } from 'warpsmith/dsl';

const hidden = op({
  dims: ['N'],
  inputs: ({ N }) => ({ x: act(N) }),
  outputs: ({ N }) => ({ y: act(N) }),
  define: (_, { x }) => ({ y: (n) => x(n) }),
});
