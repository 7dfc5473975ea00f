import { act, argmax, i32, op } from 'warpsmith/dsl';

export const broken = op({
  dims: ['R', 'V'],
  inputs: ({ R, V }) => ({ x: act(R, V) }),
  outputs: ({ R, V }) => ({ y: i32(R).in(0, V - 1) }),
  define: ({ V }, { x }) => ({ y: (r) => argmax(V, (v) => x(r, v)) }),
});
