import { act, op, ragged, seq } from 'warpsmith/dsl';

export const broken = op({
  dims: [ragged('T', 'B'), 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => x(t, h) * seq(h) }),
});
