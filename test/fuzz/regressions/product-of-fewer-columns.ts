/** A product behind a ternary on its own column was computed for the columns past its weights' last too. */
import { act, f32, op, sum } from 'warpsmith/dsl';

export const features = { H: 2, N: 3 };

export const productOfFewerColumns = op({
  dims: ['T', 'H', 'N'],
  inputs: ({ T, H, N }) => ({ x: f32(T, H), w: f32(H, H), b: f32(N) }),
  outputs: ({ T, H, N }) => ({ y: act(T, H + N) }),
  define: ({ H }, { x, w, b }) => ({ y: (t, n) => (n < H ? sum(H, (k) => x(t, k) * w(n, k)) : b(n - H)) }),
});
