import { f32, i32, kthLargest, massThreshold, op } from 'warpsmith/dsl';

/** The k-th largest number of each row: y[r] = kthLargest(V, k[r], x[r]). x: f32[R, V], k: i32[R] in [1, 25) -> y: f32[R]. */
export const rowKthLargest = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V), k: i32(R).in(1, 25) }),
  outputs: ({ R }) => ({ y: f32(R) }),
  define: ({ V }, { x, k }) => ({ y: (r) => kthLargest(V, k(r), (v) => x(r, v)) }),
});

/** The k-th largest far down a row, where a search of its bits takes the place of a few candidates. */
export const rowMedian = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V) }),
  outputs: ({ R }) => ({ y: f32(R) }),
  define: ({ V }, { x }) => ({ y: (r) => kthLargest(V, 77, (v) => x(r, v)) }),
});

/** Where the numbers from it on hold half of a row's exponentials: y[r] = massThreshold(V, 0.5, x[r]). x: f32[R, V] -> y: f32[R]. */
export const rowMassThreshold = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: f32(R, V) }),
  outputs: ({ R }) => ({ y: f32(R) }),
  define: ({ V }, { x }) => ({ y: (r) => massThreshold(V, 0.5, (v) => x(r, v)) }),
});
