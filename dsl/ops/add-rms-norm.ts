import { mean, square } from '../lang/activations.ts';
import { act, f32, weight } from '../lang/declare.ts';
import { rsqrt } from '../lang/intrinsics.ts';
import { op } from '../lang/operator.ts';

/**
 * The residual stream takes x in, and the sum is normed before it is rounded (RMS norm: Zhang and Sennrich, 2019):
 * total[t, h] = x[t, h] + residual[t, h], y[t, h] = total[t, h] * rsqrt(mean_i total[t, i]^2 + eps) * weight[h].
 * x: act[T, H], residual: act[T, H], weight: weight[H] -> total: act[T, H], y: act[T, H].
 */
export const addRmsNorm = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H), residual: act(T, H), weight: weight(H) }),
  attrs: { eps: f32 },
  outputs: ({ T, H }) => ({ total: act(T, H), y: act(T, H) }),
  define: ({ H }, { x, residual, weight }, { eps }) => {
    const total = (t: number, h: number) => x(t, h) + residual(t, h);
    return {
      total: (t, h) => total(t, h),
      y: (t, h) => total(t, h) * rsqrt(mean(H, (i) => square(total(t, i))) + eps) * weight(h),
    };
  },
});
