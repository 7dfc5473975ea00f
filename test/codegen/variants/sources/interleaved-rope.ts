import { act, f32, idiv, mod, op } from 'warpsmith/dsl';

/** Rotary embedding over neighbours: elements 2f and 2f + 1 of a head turn together, as in GPT-J. */
export const interleavedRope = op({
  dims: ['T', 'H', 'F'],
  inputs: ({ T, H, F }) => ({ x: act(T, H, 2 * F), cosine: f32(T, F), sine: f32(T, F) }),
  outputs: ({ T, H, F }) => ({ y: act(T, H, 2 * F) }),
  define: (_, { x, cosine, sine }) => ({
    y: (t, h, d) =>
      mod(d, 2) === 0
        ? x(t, h, d) * cosine(t, idiv(d, 2)) - x(t, h, d + 1) * sine(t, idiv(d, 2))
        : x(t, h, d) * cosine(t, idiv(d, 2)) + x(t, h, d - 1) * sine(t, idiv(d, 2)),
  }),
});
