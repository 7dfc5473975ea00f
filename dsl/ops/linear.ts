import { act, weight } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { sum } from '../lang/reductions.ts';

/**
 * A product with a weight of the checkpoint, [out, in] as torch has it: y[t, n] = sum_k x[t, k] * weight[n, k].
 * x: act[T, K], weight: weight[N, K] -> y: act[T, N].
 */
export const linear = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K), weight: weight(N, K) }),
  outputs: ({ T, N }) => ({ y: act(T, N) }),
  define: ({ K }, { x, weight }) => ({ y: (t, n) => sum(K, (k) => x(t, k) * weight(n, k)) }),
});
