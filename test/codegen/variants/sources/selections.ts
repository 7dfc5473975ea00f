import { act, argmax, f32, i32, kthLargest, massThreshold, op, topN } from 'warpsmith/dsl';

/** Every selection over a row that is stored as an activation, as a router does that chooses experts. */
export const selections = op({
  dims: ['T', 'E'],
  where: ({ E }) => [E >= 2],
  inputs: ({ T, E }) => ({ x: act(T, E) }),
  outputs: ({ T, E }) => ({ best: i32(T), ids: i32(T, 2).in(0, E), second: f32(T), nucleus: f32(T) }),
  define: ({ E }, { x }) => ({
    best: (t) => argmax(E, (e) => x(t, e)),
    ids: (t, n) => topN(E, 2, (e) => x(t, e))(n),
    second: (t) => kthLargest(E, 2, (e) => x(t, e)),
    nucleus: (t) => massThreshold(E, 0.5, (e) => x(t, e)),
  }),
});
