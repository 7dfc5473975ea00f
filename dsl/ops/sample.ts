import { f32, i32 } from '../lang/declare.ts';
import { gumbel } from '../lang/intrinsics.ts';
import { op } from '../lang/operator.ts';
import { argmax } from '../lang/reductions.ts';

/**
 * A draw from softmax(x[r]) by the Gumbel-max trick (Gumbel, 1954), with noise keyed by (seed, position, token id) and thus the same in
 * any batch: token[r] = argmax_v x[r, v] + gumbel(seed[r], position[r], v), where x is divided by the temperature already; at temperature 0
 * argmax_v x[r, v].
 * x: f32[R, V], temperature: f32[R], seed: i32[R], position: i32[R] -> token: i32[R].
 */
export const sample = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V), temperature: f32(R), seed: i32(R), position: i32(R) }),
  outputs: ({ R }) => ({ token: i32(R) }),
  define: ({ V }, { x, temperature, seed, position }) => ({
    token: (r) => argmax(V, (v) => (temperature(r) > 0 ? x(r, v) + gumbel(seed(r), position(r), v) : x(r, v))),
  }),
});
