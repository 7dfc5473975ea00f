import { act, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({
    y: (t, h) => {
      for (let i = 0; i < H; i++) x(t, i);
      return x(t, h);
    },
  }),
});
