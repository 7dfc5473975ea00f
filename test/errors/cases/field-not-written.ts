import { act, kvCache, op, ragged, scatter, slot } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ T, H, D }) => ({ k: act(T, H, D), kv: kvCache(H, D) }),
  outputs: ({ H, D }) => ({ kv: kvCache(H, D) }),
  define: ({ T }, { k }) => ({ kv: scatter(T, (t) => ({ slot: slot(t), k: (h, d) => k(t, h, d) })) }),
});
