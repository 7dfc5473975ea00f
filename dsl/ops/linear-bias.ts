import { act, weight } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { sum } from '../lang/reductions.ts';

/**
 * A product and its bias: y[t, n] = sum_k x[t, k] * weight[n, k] + bias[n].
 * x: act[T, K], weight: weight[N, K], bias: weight[N] -> y: act[T, N].
 */
export const linearBias = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K), weight: weight(N, K), bias: weight(N) }),
  outputs: ({ T, N }) => ({ y: act(T, N) }),
  define: ({ K }, { x, weight, bias }) => ({ y: (t, n) => sum(K, (k) => x(t, k) * weight(n, k)) + bias(n) }),
});
