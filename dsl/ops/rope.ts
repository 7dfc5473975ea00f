import { act, f32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * Rotary embedding (Su et al., 2021) in the neox form: element f < F of a head turns with element f + F,
 * y[t, h, f] = x[t, h, f] * cosine[t, f] - x[t, h, f + F] * sine[t, f],
 * y[t, h, f + F] = x[t, h, f + F] * cosine[t, f] + x[t, h, f] * sine[t, f].
 * x: act[T, H, 2 * F], cosine: f32[T, F], sine: f32[T, F] -> y: act[T, H, 2 * F].
 */
export const rope = op({
  dims: ['T', 'H', 'F'],
  inputs: ({ T, H, F }) => ({ x: act(T, H, 2 * F), cosine: f32(T, F), sine: f32(T, F) }),
  outputs: ({ T, H, F }) => ({ y: act(T, H, 2 * F) }),
  define: ({ F }, { x, cosine, sine }) => ({
    y: (t, h, d) =>
      d < F
        ? x(t, h, d) * cosine(t, d) - x(t, h, d + F) * sine(t, d)
        : x(t, h, d) * cosine(t, d - F) + x(t, h, d - F) * sine(t, d - F),
  }),
});
