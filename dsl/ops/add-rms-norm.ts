import { mean, square } from '../lang/activations.ts';
import { act, f32, weight } from '../lang/declare.ts';
import { rsqrt } from '../lang/intrinsics.ts';
import { op } from '../lang/operator.ts';

/** The residual stream takes x in: total = x + residual, and y is the RMS norm of the sum before it is rounded. */
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
