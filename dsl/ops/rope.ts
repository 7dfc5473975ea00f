import { act, f32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/** Rotary embedding in the neox form: element d < F of a head turns with element d + F (Su et al., 2021). */
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
