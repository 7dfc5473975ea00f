/** Checked by tsc alone: no parameter of an author's arrow needs an annotation, and a wrong number of indices is an error. */

import { idiv } from '../../../dsl/lang/arithmetic.ts';
import { attend, range } from '../../../dsl/lang/attend.ts';
import { pos, seq, slot } from '../../../dsl/lang/batch.ts';
import { act, f32, i32, kvCache, ragged, state } from '../../../dsl/lang/declare.ts';
import { op } from '../../../dsl/lang/operator.ts';
import { sum } from '../../../dsl/lang/reductions.ts';
import { scatter } from '../../../dsl/lang/scatter.ts';
import type { SymbolicTensor } from '../../../dsl/lang/symbolic.ts';

export const pagedAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), kv: kvCache(HK, D) }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, kv }, { scale }) => ({
    o: (t, h) =>
      attend(range(0, pos(t) + 1), (j) => ({
        score: scale * sum(D, (d) => q(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d)),
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});

export const storeKv = op({
  dims: [ragged('T', 'B'), 'HK', 'D'],
  inputs: ({ T, HK, D }) => ({ k: act(T, HK, D), v: act(T, HK, D), kv: kvCache(HK, D) }),
  outputs: ({ HK, D }) => ({ kv: kvCache(HK, D) }),
  define: ({ T }, { k, v }) => ({
    kv: scatter(T, (t) => ({ slot: slot(t), k: (h, d) => k(t, h, d), v: (h, d) => v(t, h, d) })),
  }),
});

export const count = op({
  dims: ['R', 'S', 'V'],
  inputs: ({ R, S, V }) => ({ row: i32(R).in(0, S), token: i32(R).in(0, V), counts: state(i32(S, V)) }),
  outputs: ({ S, V }) => ({ counts: state(i32(S, V)) }),
  define: ({ R }, { row, token, counts }) => ({
    counts: scatter(R, (r) => ({ slot: [row(r), token(r)], value: counts(row(r), token(r)) + 1 })),
  }),
});

/** A whole row of a dense state at a time. */
export const copyRows = op({
  dims: ['R', 'S', 'V'],
  inputs: ({ R, S, V }) => ({ row: i32(R).in(-1, S), x: f32(R, V), rows: state(f32(S, V)) }),
  outputs: ({ S, V }) => ({ rows: state(f32(S, V)) }),
  define: ({ R }, { row, x }) => ({ rows: scatter(R, (r) => ({ slot: [row(r)], value: (v) => x(r, v) })) }),
});

export const mistakes = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H), z: act(T), w: act(T) }),
  // @ts-expect-error: W is no dimension.
  define: ({ W }, { x }, attrs) => ({
    // @ts-expect-error: x has two axes.
    y: (t) => x(t),
    // @ts-expect-error: z has one axis.
    z: (t, h) => x(t, h) * W,
    // @ts-expect-error: there is no attribute.
    w: (t) => x(t, 0) * attrs.eps,
  }),
});

export const missingOutput = op({
  dims: ['T'],
  inputs: ({ T }) => ({ x: act(T) }),
  outputs: ({ T }) => ({ y: act(T), z: act(T) }),
  // @ts-expect-error: z is not defined.
  define: (_, { x }) => ({ y: (t) => x(t) }),
});

export const wrongField = op({
  dims: [ragged('T', 'B'), 'HK', 'D'],
  inputs: ({ T, HK, D }) => ({ k: act(T, HK, D), kv: kvCache(HK, D) }),
  outputs: ({ HK, D }) => ({ kv: kvCache(HK, D) }),
  // @ts-expect-error: v is not written.
  define: ({ T }, { k }) => ({ kv: scatter(T, (t) => ({ slot: slot(t), k: (h, d) => k(t, h, d) })) }),
});

export function calls(q: SymbolicTensor, kv: SymbolicTensor): SymbolicTensor {
  // @ts-expect-error: the scale is missing.
  pagedAttention({ q, kv });
  // @ts-expect-error: kv is missing.
  pagedAttention({ q }, { scale: 1 });
  // @ts-expect-error: W is no dimension.
  pagedAttention({ q, kv }, { scale: 1 }, { dims: { W: 3 } });
  const { o } = pagedAttention({ q, kv }, { scale: 1 });
  return o;
}
