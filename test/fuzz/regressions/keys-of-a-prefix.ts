/** Keys below the lesser of a token's positions and a number were refused: a length was not known from the positions below it. */
import { act, attend, kvCache, minimum, op, pos, ragged, range, seq, sum } from 'warpsmith/dsl';

export const features = { H: 3, D: 5 };

export const keysOfPrefix = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ q: act(T, H, D), kv: kvCache(H, D) }),
  outputs: ({ T, H, D }) => ({ y: act(T, H, D) }),
  define: ({ D }, { q, kv }) => ({
    y: (t, h) =>
      attend(range(0, minimum(pos(t) + 1, 18)), (j) => ({
        score: 0.5 * sum(D, (k) => q(t, h, k) * kv.k(seq(t), j, h, k)),
        value: (d) => kv.v(seq(t), j, h, d),
      })),
  }),
});
