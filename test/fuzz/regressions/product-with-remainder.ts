/** `2 * mod(i, D)` was printed as `2 * i % D`, which C reads as `(2 * i) % D`. */
import { act, f32, idiv, mod, op } from 'warpsmith/dsl';

export const features = { H: 12, D: 3 };

export const productWithRemainder = op({
  dims: ['T', 'H', 'D'],
  inputs: ({ T, H, D }) => ({ x: act(T, 2 * D), x1: f32(2 * H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ D }, { x, x1 }) => ({ y: (t, i) => x(t, 2 * mod(i, D) + 1) + x1(2 * idiv(i, D)) + x1(3 * idiv(i, 2)) }),
});
