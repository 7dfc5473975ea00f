import { act, kvCache, op, pos, ragged, seq } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H', 'D'],
  inputs: ({ H, D }) => ({ kv: kvCache(H, D) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { kv }) => ({ y: (t, h) => kv(seq(t), pos(t), h, 0) }),
});
