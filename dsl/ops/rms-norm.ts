import { mean, square } from '../lang/activations.ts';
import { act, f32, weight } from '../lang/declare.ts';
import { rsqrt } from '../lang/intrinsics.ts';
import { op } from '../lang/operator.ts';

/**
 * RMS norm (Zhang and Sennrich, 2019): y[t, h] = x[t, h] * rsqrt(mean_i x[t, i]^2 + eps) * weight[h].
 * x: act[T, H], weight: weight[H] -> y: act[T, H].
 */
export const rmsNorm = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H), weight: weight(H) }),
  attrs: { eps: f32 },
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x, weight }, { eps }) => ({
    y: (t, h) => x(t, h) * rsqrt(mean(H, (i) => square(x(t, i))) + eps) * weight(h),
  }),
});
