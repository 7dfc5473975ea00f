import { act, op, silu, sum, weight } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K), w: weight(N, K) }),
  outputs: ({ T, N }) => ({ y: act(T, N) }),
  define: ({ K }, { x, w }) => ({ y: (t, n) => sum(K, (k) => silu(x(t, k)) * w(n, k)) }),
});
