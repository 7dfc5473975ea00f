import { act, i32, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['T', 'R', 'H'],
  inputs: ({ T, R, H }) => ({ x: act(T, H), rows: i32(R) }),
  outputs: ({ R, H }) => ({ y: act(R, H) }),
  define: (_, { x, rows }) => ({ y: (r, h) => x(rows(r), h) }),
});
