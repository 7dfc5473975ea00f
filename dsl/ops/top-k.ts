import { f32, i32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { kthLargest } from '../lang/reductions.ts';

/**
 * Keeps the k[r] largest of a row (Fan et al., 2018), and those equal to the last of them; k[r] <= 0 keeps all:
 * y[r, v] = x[r, v] where x[r, v] >= kthLargest(V, k[r], x[r]), else -Infinity.
 * x: f32[R, V], k: i32[R] -> y: f32[R, V].
 */
export const topK = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V), k: i32(R) }),
  outputs: ({ R, V }) => ({ y: f32(R, V) }),
  define: ({ V }, { x, k }) => ({
    y: (r, v) => {
      const threshold = k(r) > 0 && k(r) < V ? kthLargest(V, k(r), (i) => x(r, i)) : -Infinity;
      return x(r, v) >= threshold ? x(r, v) : -Infinity;
    },
  }),
});
