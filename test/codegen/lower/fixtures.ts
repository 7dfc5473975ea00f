/** Small operators that the tests of lowering put together. */
import {
  act,
  attend,
  cache,
  exp,
  f32,
  i32,
  idiv,
  kthLargest,
  max,
  minimum,
  mod,
  op,
  range,
  scatter,
  state,
  sum,
  tanh,
  weight,
} from '../../../dsl/index.ts';

/** y = x + 1: pointwise, cheap. */
export const increment = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => x(t, h) + 1 }),
});

/** y = exp(x): pointwise, costly. */
export const exponential = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => exp(x(t, h)) }),
});

/** y[t, h] = x[t, h] / sum_i x[t, i]: a row reduction. */
export const normalize = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => x(t, h) / sum(H, (i) => x(t, i)) }),
});

/** y[t, h] = x[T - 1 - t, h]: reads another row. */
export const reverseRows = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ T }, { x }) => ({ y: (t, h) => x(T - 1 - t, h) + 1 }),
});

/** y[t, n] = sum_k x[t, k] * w[n, k] * 0.5: a product with a factor inside. */
export const halfProduct = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K), w: weight(N, K) }),
  outputs: ({ T, N }) => ({ y: act(T, N) }),
  define: ({ K }, { x, w }) => ({ y: (t, n) => sum(K, (k) => 0.5 * x(t, k) * w(n, k)) }),
});

/** y[t, n] = on[t] > 0 ? sum_k x[t, k] * w[n, k] : 0: a product that may be computed for every row. */
export const chosenProduct = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K), w: weight(N, K), on: i32(T) }),
  outputs: ({ T, N }) => ({ y: act(T, N) }),
  define: ({ K }, { x, w, on }) => ({ y: (t, n) => (on(t) > 0 ? sum(K, (k) => x(t, k) * w(n, k)) : 0) }),
});

/** y[t, n] = t < T - 1 ? sum_k x[t + 1, k] * w[n, k] : 0: the last row has none after it. */
export const productOfNext = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K), w: weight(N, K) }),
  outputs: ({ T, N }) => ({ y: act(T, N) }),
  define: ({ T, K }, { x, w }) => ({ y: (t, n) => (t < T - 1 ? sum(K, (k) => x(t + 1, k) * w(n, k)) : 0) }),
});

/** y[t, n] = n < N ? sum_k x[t, k] * w[n, k] : b[n - N]: columns behind those that the product has. */
export const productAndMore = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K), w: weight(N, K), b: f32(N) }),
  outputs: ({ T, N }) => ({ y: act(T, N + N) }),
  define: ({ N, K }, { x, w, b }) => ({
    y: (t, n) => (n < N ? sum(K, (k) => x(t, k) * w(n, k)) : b(n - N)),
  }),
});

/** y[t, h] = h < H - 2 ? x[t, h + 2] : 0: the last columns have none behind them. */
export const columnsBehind = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => (h < H - 2 ? x(t, h + 2) : 0) }),
});

/** y[t, h] = x[t, h] * x[t, H + h]: both halves of a merged product. */
export const multiplyHalves = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, 2 * H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => x(t, h) * x(t, H + h) }),
});

/** y[t, d] turns by halves, as a rope does. */
export const swapHalves = op({
  dims: ['T', 'F'],
  inputs: ({ T, F }) => ({ x: act(T, 2 * F) }),
  outputs: ({ T, F }) => ({ y: act(T, 2 * F) }),
  define: ({ F }, { x }) => ({ y: (t, d) => (d < F ? -x(t, d + F) : x(t, d - F)) }),
});

/** A guarded reduction: the largest of a row, where it is asked for. */
export const limit = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: f32(T, H), on: i32(T) }),
  outputs: ({ T, H }) => ({ y: f32(T, H) }),
  define: ({ H }, { x, on }) => ({ y: (t, h) => (on(t) > 0 ? x(t, h) - max(H, (i) => x(t, i)) : x(t, h)) }),
});

/** A setting of the row with work on one side. */
export const clampedOrCopied = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: f32(T, H), on: i32(T) }),
  outputs: ({ T, H }) => ({ y: f32(T, H) }),
  define: (_, { x, on }) => ({ y: (t, h) => (on(t) > 0 ? minimum(exp(x(t, h)), 2) : x(t, h)) }),
});

/** Ternaries that stay: on what is known for the row, and on the element. */
export const elementwise = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: f32(T, H), on: i32(T) }),
  outputs: ({ T, H }) => ({ y: f32(T, H) }),
  define: (_, { x, on }) => ({ y: (t, h) => (x(t, h) > (on(t) > 0 ? 1 : 2) ? x(t, h) : 0) }),
});

/** counts[row(t)] grows by one. */
export const countRows = op({
  dims: ['T', 'S'],
  inputs: ({ T, S }) => ({ row: i32(T).in(0, S), counts: state(i32(S)) }),
  outputs: ({ S }) => ({ counts: state(i32(S)) }),
  define: ({ T }, { row, counts }) => ({
    counts: scatter(T, (t) => ({ slot: [row(t)], value: counts(row(t)) + 1 })),
  }),
});

/** As increment, not rounded where a reader takes it along. */
export const relaxedIncrement = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  relaxed: true,
  define: (_, { x }) => ({ y: (t, h) => x(t, h) + 1 }),
});

/** y[t] = counts[row(t)]: reads the state. */
export const readCounts = op({
  dims: ['T', 'S'],
  inputs: ({ T, S }) => ({ row: i32(T).in(0, S), counts: state(i32(S)) }),
  outputs: ({ T }) => ({ y: i32(T) }),
  define: (_, { row, counts }) => ({ y: (t) => counts(row(t)) }),
});

/** Attention over S shared keys, as many heads as there are: no token and no head of its own. */
export const sharedKeys = op({
  dims: ['T', 'HQ', 'S', 'D'],
  inputs: ({ T, HQ, S, D }) => ({ q: act(T, HQ, D), k: cache(S, D), v: cache(S, D) }),
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ S, D }, { q, k, v }) => ({
    o: (t, h) => attend(range(0, S), (j) => ({ score: sum(D, (d) => q(t, h, d) * k(j, d)), value: (d) => v(j, d) })),
  }),
});

/** A score that is no product of rows. */
export const additiveScore = op({
  dims: ['T', 'S', 'D'],
  inputs: ({ T, S, D }) => ({ q: act(T, D), k: act(S, D), v: act(S, D) }),
  outputs: ({ T, D }) => ({ o: act(T, D) }),
  define: ({ S, D }, { q, k, v }) => ({
    o: (t) => attend(range(0, S), (j) => ({ score: sum(D, (d) => tanh(q(t, d) + k(j, d))), value: (d) => v(j, d) })),
  }),
});

/** y[t] = 2nd largest of 2 * s: a selection over a count, of values that lie nowhere in memory. */
export const secondOfDoubled = op({
  dims: ['T', 'S'],
  inputs: ({ T, S }) => ({ x: f32(T), s: f32(S) }),
  outputs: ({ T }) => ({ y: f32(T) }),
  define: ({ S }, { x, s }) => ({ y: (t) => x(t) * kthLargest(S, 2, (i) => 2 * s(i)) }),
});

/** y[t] = 2nd largest of s: the same selection where the values lie in memory. */
export const secondOf = op({
  dims: ['T', 'S'],
  inputs: ({ T, S }) => ({ x: f32(T), s: f32(S) }),
  outputs: ({ T }) => ({ y: f32(T) }),
  define: ({ S }, { x, s }) => ({ y: (t) => x(t) * kthLargest(S, 2, (i) => s(i)) }),
});

/** y[t, n] = 2nd largest over h of n * x[t, h]: a selection for each element of a row. */
export const secondOfEach = op({
  dims: ['T', 'N', 'H'],
  inputs: ({ T, H }) => ({ x: f32(T, H) }),
  outputs: ({ T, N }) => ({ y: f32(T, N) }),
  define: ({ H }, { x }) => ({ y: (t, n) => kthLargest(H, 2, (h) => n * x(t, h)) }),
});

/** y[t, h] = x[t, 2 * (h mod H / 2) + 1] * x[t, 2 * (h div 2)]. */
export const secondOfPairs = op({
  dims: ['T', 'H'],
  where: ({ H }) => [H % 2 === 0],
  inputs: ({ T, H }) => ({ x: f32(T, H) }),
  outputs: ({ T, H }) => ({ y: f32(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => x(t, 2 * mod(h, H / 2) + 1) * x(t, 2 * idiv(h, 2)) }),
});

/** y[t, h] = exp(x[t, h + 1]), the last one of the first: elements read those beside them. */
export const rolled = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: f32(T, H) }),
  outputs: ({ T, H }) => ({ y: f32(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => exp(x(t, mod(h + 1, H))) }),
});
