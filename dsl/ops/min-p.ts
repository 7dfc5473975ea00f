import { f32 } from '../lang/declare.ts';
import { log } from '../lang/intrinsics.ts';
import { op } from '../lang/operator.ts';
import { max } from '../lang/reductions.ts';

/**
 * Keeps the tokens at least p[r] times as probable as the most probable one (Nguyen et al., 2024), p[r] in [0, 1]; p[r] <= 0 keeps all:
 * y[r, v] = x[r, v] where x[r, v] >= max_i x[r, i] + log(p[r]), else -Infinity.
 * x: f32[R, V], p: f32[R] -> y: f32[R, V].
 */
export const minP = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V), p: f32(R) }),
  outputs: ({ R, V }) => ({ y: f32(R, V) }),
  define: ({ V }, { x, p }) => ({
    y: (r, v) => {
      const threshold = p(r) > 0 ? max(V, (i) => x(r, i)) + log(p(r)) : -Infinity;
      return x(r, v) >= threshold ? x(r, v) : -Infinity;
    },
  }),
});
