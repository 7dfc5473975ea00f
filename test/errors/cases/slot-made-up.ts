import { act, kvCache, op, pos, ragged, scatter } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ k: act(T, H, D), v: act(T, H, D), kv: kvCache(H, D) }),
  outputs: ({ H, D }) => ({ kv: kvCache(H, D) }),
  define: ({ T }, { k, v }) => ({
    kv: scatter(T, (t) => ({ slot: pos(t), k: (h, d) => k(t, h, d), v: (h, d) => v(t, h, d) })),
  }),
});
