import { mean, square } from '../lang/activations.ts';
import { act, f32, weight } from '../lang/declare.ts';
import { rsqrt } from '../lang/intrinsics.ts';
import { op } from '../lang/operator.ts';

/**
 * The RMS norm (Zhang and Sennrich, 2019) of each head of a query or key, as Qwen3 has it:
 * y[t, h, d] = x[t, h, d] * rsqrt(mean_i x[t, h, i]^2 + eps) * weight[d].
 * x: act[T, H, D], weight: weight[D] -> y: act[T, H, D].
 */
export const headNorm = op({
  dims: ['T', 'H', 'D'],
  inputs: ({ T, H, D }) => ({ x: act(T, H, D), weight: weight(D) }),
  attrs: { eps: f32 },
  outputs: ({ T, H, D }) => ({ y: act(T, H, D) }),
  define: ({ D }, { x, weight }, { eps }) => ({
    y: (t, h, d) => x(t, h, d) * rsqrt(mean(D, (i) => square(x(t, h, i))) + eps) * weight(d),
  }),
});
