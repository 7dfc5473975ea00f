/** A product behind a ternary was computed for rows that the ternary keeps away, and read past the end of its tensor. */
import { act, f32, op, sum } from 'warpsmith/dsl';

export const features = { H: 2 };

export const productBehindGuard = op({
  dims: ['T', 'H'],
  inputs: ({ H, T }) => ({ x: f32(T, H), w: f32(H, H) }),
  outputs: ({ H, T }) => ({ y: act(T, H) }),
  define: ({ H, T }, { x, w }) => ({
    y: (t, h) => sum(H, (k) => x(t, k) * w(h, k)) + (t < T - 1 ? sum(H, (k) => w(h, k) * x(t + 1, k)) : 0),
  }),
});
