import { i32, op, state } from 'warpsmith/dsl';

export const broken = op({
  dims: ['R', 'S'],
  inputs: ({ R, S }) => ({ row: i32(R).in(0, S), counts: state(i32(S)) }),
  outputs: ({ S }) => ({ counts: state(i32(S)) }),
  define: (_, { counts }) => ({ counts: (s) => counts(s) + 1 }),
});
