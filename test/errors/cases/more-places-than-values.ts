import { act, i32, op, topN } from 'warpsmith/dsl';

export const broken = op({
  dims: ['R', 'V', 'N'],
  inputs: ({ R, V }) => ({ x: act(R, V) }),
  outputs: ({ R, N }) => ({ ids: i32(R, N) }),
  define: ({ V, N }, { x }) => ({ ids: (r, n) => topN(V, N, (v) => x(r, v))(n) }),
});
