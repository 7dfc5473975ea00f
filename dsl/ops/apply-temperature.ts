import { f32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { max } from '../lang/reductions.ts';

/**
 * y[r, v] = (x[r, v] - max_i x[r, i]) / temperature[r], in logits; at temperature 0, which is greedy, the difference alone.
 * x: f32[R, V], temperature: f32[R] -> y: f32[R, V].
 */
export const applyTemperature = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V), temperature: f32(R) }),
  outputs: ({ R, V }) => ({ y: f32(R, V) }),
  define: ({ V }, { x, temperature }) => ({
    y: (r, v) => (x(r, v) - max(V, (i) => x(r, i))) / (temperature(r) > 0 ? temperature(r) : 1),
  }),
});
