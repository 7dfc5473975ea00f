/** Operators whose rows are computed each from itself, and some whose rows are not. */
import { act, contextLen, kvCache, maximum, op, pos, ragged, seq, seqStart, sum } from 'warpsmith/dsl';

export const apart = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H), w: act(H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x, w }) => ({ y: (t, h) => x(t, h) * w(h) + sum(H, (i) => x(t, i)) }),
});

export const cached = op({
  dims: [ragged('T', 'B'), 'H'],
  inputs: ({ H }) => ({ kv: kvCache(1, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { kv }) => ({ y: (t, h) => sum(pos(t) + 1, (j) => kv.k(seq(t), j, 0, h)) + contextLen(seq(t)) }),
});

export const beforeIt = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => x(maximum(t - 1, 0), h) }),
});

export const place = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => x(t, h) + t }),
});

export const start = op({
  dims: [ragged('T', 'B'), 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => x(t, h) + seqStart(seq(t)) }),
});
