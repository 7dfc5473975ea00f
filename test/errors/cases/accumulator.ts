import { act, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => { let total = 0; for (let i = 0; i < H; i++) total += x(t, i); return total; } }),
});
