/** Operators whose indices need a proof: each is in range for a reason of its own. */
import {
  act,
  attend,
  f32,
  i32,
  idiv,
  kvCache,
  maximum,
  minimum,
  mod,
  op,
  pos,
  ragged,
  range,
  scatter,
  seq,
  seqLen,
  seqStart,
  state,
  sum,
  topN,
} from 'warpsmith/dsl';

/** Interleaved pairs by parity: d + 1 stays below an even width. */
export const swapPairs = op({
  dims: ['T', 'D'],
  where: ({ D }) => [D % 2 === 0],
  inputs: ({ T, D }) => ({ x: act(T, D) }),
  outputs: ({ T, D }) => ({ y: act(T, D) }),
  define: (_, { x }) => ({ y: (t, d) => (mod(d, 2) === 0 ? -x(t, d + 1) : x(t, d - 1)) }),
});

/** The same by quotient, and with the ternary inside of the index. */
export const swapPairsByQuotient = op({
  dims: ['T', 'D'],
  where: ({ D }) => [D % 2 === 0],
  inputs: ({ T, D }) => ({ x: act(T, D), table: f32(T, D / 2) }),
  outputs: ({ T, D }) => ({ y: act(T, D) }),
  define: (_, { x, table }) => ({
    y: (t, d) =>
      x(t, 2 * idiv(d, 2) + 1) + x(t, mod(d, 2) === 0 ? d + 1 : d - 1) + x(t, d - mod(d, 2)) * table(t, idiv(d, 2)),
  }),
});

/** Halves swapped by an index that is a ternary. */
export const swapHalves = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, 2 * H) }),
  outputs: ({ T, H }) => ({ y: act(T, 2 * H) }),
  define: ({ H }, { x }) => ({ y: (t, d) => x(t, d < H ? d + H : d - H) }),
});

/** Two tensors joined along an axis. */
export const joined = op({
  dims: ['T', 'A', 'C'],
  inputs: ({ T, A, C }) => ({ left: act(T, A), right: act(T, C) }),
  outputs: ({ T, A, C }) => ({ y: act(T, A + C) }),
  define: ({ A }, { left, right }) => ({ y: (t, h) => (!(h >= A) ? left(t, h) : right(t, h - A)) }),
});

/** Heads and their widths in one axis, taken apart again. */
export const splitMerged = op({
  dims: ['T', 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ merged: act(T, (HQ + 2 * HK) * D) }),
  outputs: ({ T, HK, HQ, D }) => ({ v: act(T, HK, D), q: act(T, HQ * D) }),
  define: ({ HQ, HK, D }, { merged }) => ({
    v: (t, h, d) => merged(t, (HQ + HK + h) * D + d),
    q: (t, c) => merged(t, idiv(c, D) * D + mod(c, D)) + merged(t, (HQ + idiv(idiv(c, D), HQ / HK)) * D),
  }),
});

/** A window by its range, on dense keys of one's own sequence; an attr may be anything. */
export const denseWindow = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ x: act(T, H, D) }),
  attrs: { width: i32 },
  outputs: ({ T, H, D }) => ({ o: act(T, H, D) }),
  define: ({ D }, { x }, { width }) => ({
    o: (t, h) =>
      attend(range(maximum(seqStart(seq(t)), t - width), minimum(t + 2, seqStart(seq(t)) + seqLen(seq(t)))), (j) => ({
        score: sum(D, (d) => x(t, h, d) * x(j, h, d)),
        value: (d) => x(j, h, d),
      })),
  }),
});

/** The cache up to the token's own position, and a sum over a sequence's own tokens. */
export const cacheWindow = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ x: act(T, H, D), kv: kvCache(H, D) }),
  attrs: { width: i32 },
  outputs: ({ T, H, D }) => ({ o: act(T, H, D), total: act(T, H) }),
  define: ({ D }, { x, kv }, { width }) => ({
    o: (t, h) =>
      attend(range(maximum(0, pos(t) - width + 1), pos(t) + 1), (j) => ({
        score: sum(D, (d) => x(t, h, d) * kv.k(seq(t), j, h, d)),
        value: (d) => kv.v(seq(t), j, h, d),
      })),
    total: (t, h) => sum(seqLen(seq(t)), (i) => x(seqStart(seq(t)) + i, h, 0)),
  }),
});

/** The first keys of a sequence, as many of them as the token may see. */
export const firstKeys = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ x: act(T, H, D), kv: kvCache(H, D) }),
  attrs: { width: i32 },
  outputs: ({ T, H, D }) => ({ o: act(T, H, D) }),
  define: ({ D }, { x, kv }, { width }) => ({
    o: (t, h) =>
      attend(range(0, minimum(pos(t) + 1, width)), (j) => ({
        score: sum(D, (d) => x(t, h, d) * kv.k(seq(t), j, h, d)),
        value: (d) => kv.v(seq(t), j, h, d),
      })),
  }),
});

/** Gathers through declared contents, contents guarded on the spot, and a chosen index. */
export const gathers = op({
  dims: ['T', 'R', 'V', 'N'],
  where: ({ N, V }) => [N <= V],
  inputs: ({ T, R, V }) => ({ x: act(T, V), rows: i32(R).in(0, T), ids: i32(R), targets: i32(R).in(-1, V) }),
  attrs: { first: i32 },
  outputs: ({ R, N, V }) => ({ y: act(R), z: act(R), top: i32(R, N).in(0, V), last: act(R) }),
  define: ({ V, N }, { x, rows, ids, targets }, { first }) => ({
    y: (r) => (ids(r) - first >= 0 && ids(r) - first < V ? x(rows(r), ids(r) - first) : 0),
    z: (r) => x(rows(r), targets(r) >= 0 ? targets(r) : 0),
    top: (r, n) => topN(V, N, (v) => x(rows(r), v))(n),
    last: (r) => x(rows(r), N - 1),
  }),
});

/** A state written where a row is in use. */
export const counted = op({
  dims: ['R', 'S', 'V'],
  inputs: ({ R, S, V }) => ({ row: i32(R).in(-1, S), id: i32(R).in(0, V), counts: state(i32(S, V)) }),
  outputs: ({ S, V }) => ({ counts: state(i32(S, V)) }),
  define: ({ R }, { row, id, counts }) => ({
    counts: scatter(R, (r) => ({ slot: [row(r), id(r)], value: row(r) >= 0 ? counts(row(r), id(r)) + 1 : 0 })),
  }),
});
