import { silu } from '../lang/activations.ts';
import { act } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * SwiGLU (Shazeer, 2020): y[t, h] = silu(x[t, h]) * x[t, H + h]; the gate and up halves come from one merged projection.
 * x: act[T, 2 * H] -> y: act[T, H].
 */
export const siluMul = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, 2 * H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => silu(x(t, h)) * x(t, H + h) }),
});
