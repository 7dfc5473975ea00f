import { f32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { massThreshold } from '../lang/reductions.ts';

/**
 * Keeps the most probable tokens of a row that together hold the share p[r] in (0, 1] (Holtzman et al., 2019), and those equal to the
 * last of them; p[r] >= 1 keeps all: y[r, v] = x[r, v] where x[r, v] >= massThreshold(V, p[r], x[r]), else -Infinity.
 * x: f32[R, V], p: f32[R] -> y: f32[R, V].
 */
export const topP = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V), p: f32(R) }),
  outputs: ({ R, V }) => ({ y: f32(R, V) }),
  define: ({ V }, { x, p }) => ({
    y: (r, v) => {
      const threshold = p(r) < 1 ? massThreshold(V, p(r), (i) => x(r, i)) : -Infinity;
      return x(r, v) >= threshold ? x(r, v) : -Infinity;
    },
  }),
});
