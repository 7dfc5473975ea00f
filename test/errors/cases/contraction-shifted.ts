import { act, op, sum, weight } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K + 1), w: weight(N, K) }),
  outputs: ({ T, N }) => ({ y: act(T, N) }),
  define: ({ K }, { x, w }) => ({ y: (t, n) => sum(K, (k) => x(t, k + 1) * w(n, k)) }),
});
