import { f32 } from '../lang/declare.ts';
import { exp, log } from '../lang/intrinsics.ts';
import { op } from '../lang/operator.ts';
import { max, sum } from '../lang/reductions.ts';

/**
 * What turns logits into log-probabilities: y[r] = log sum_v exp(x[r, v]), the maximum subtracted first.
 * x: f32[R, V] -> y: f32[R].
 */
export const logSumExp = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V) }),
  outputs: ({ R }) => ({ y: f32(R) }),
  define: ({ V }, { x }) => ({
    y: (r) => {
      const largest = max(V, (v) => x(r, v));
      return largest + log(sum(V, (v) => exp(x(r, v) - largest)));
    },
  }),
});
