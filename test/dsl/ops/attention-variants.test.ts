import { expect, it } from 'vitest';
import {
  abs,
  act,
  attend,
  evaluate,
  f32,
  kvCache,
  maximum,
  op,
  pos,
  ragged,
  range,
  seq,
  sum,
  tanh,
} from '../../../dsl/index.ts';

/** One head with a window, an ALiBi bias, a soft cap, a mask, and values that are narrower than keys. */
const variant = op({
  dims: [ragged('T', 'B'), 'D', 'DV'],
  inputs: ({ T, D, DV }) => ({ q: act(T, D), kv: kvCache(1, D, DV) }),
  attrs: { cap: f32, slope: f32 },
  outputs: ({ T, DV }) => ({ o: act(T, DV) }),
  define: ({ D }, { q, kv }, { cap, slope }) => ({
    o: (t) =>
      attend(range(maximum(pos(t) - 2, 0), pos(t) + 1), (j) => ({
        score: cap * tanh(sum(D, (d) => q(t, d) * kv.k(seq(t), j, 0, d)) / cap) - slope * abs(pos(t) - j),
        mask: j !== 1,
        value: (d) => 2 * kv.v(seq(t), j, 0, d),
      })),
  }),
});

it('an author edits score, range, mask and value width in place', () => {
  const keys = [9, 9, 1, 2, 3];
  const kv = { fields: { k: keys.flatMap((key) => [key, 0]), v: [50, 50, 10, 20, 30] } };
  const batch = { cuSeqlens: [0, 2], contextLens: [5], blockTable: [[0, 1, 2, 3, 4]], blockSize: 1 };
  const elements = { act: 'f32', cache: 'f32' } as const;
  const dims = { T: 2, D: 2, DV: 1 };
  const { o } = evaluate(variant, {
    dims,
    inputs: { q: [1, 7, 1, 7], kv },
    attrs: { cap: 2, slope: 0.5 },
    batch,
    elements,
  });
  const expected = (position: number) => {
    const weights = keys.map((key, j) =>
      j === 1 || j < position - 2 || j > position ? 0 : Math.exp(2 * Math.tanh(key / 2) - 0.5 * (position - j)),
    );
    const total = weights.reduce((partial, weight) => partial + weight, 0);
    return weights.reduce((partial, weight, j) => partial + (weight * 2 * (kv.fields.v[j] ?? 0)) / total, 0);
  };
  expect(o[0]).toBeCloseTo(expected(3), 4);
  expect(o[1]).toBeCloseTo(expected(4), 4);
});
