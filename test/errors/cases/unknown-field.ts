import { act, attend, kvCache, op, pos, ragged, range, seq, sum } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ q: act(T, H, D), kv: kvCache(H, D) }),
  outputs: ({ T, H, D }) => ({ o: act(T, H, D) }),
  define: ({ D }, { q, kv }) => ({
    o: (t, h) => attend(range(0, pos(t) + 1), (j) => ({
      score: sum(D, (d) => q(t, h, d) * kv.key(seq(t), j, h, d)),
      value: (d) => kv.v(seq(t), j, h, d),
    })),
  }),
});
