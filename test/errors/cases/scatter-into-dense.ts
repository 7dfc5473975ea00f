import { i32, op, scatter } from 'warpsmith/dsl';

export const broken = op({
  dims: ['R', 'S'],
  inputs: ({ R, S }) => ({ row: i32(R).in(0, S) }),
  outputs: ({ S }) => ({ counts: i32(S) }),
  define: ({ R }, { row }) => ({ counts: scatter(R, (r) => ({ slot: [row(r)], value: 1 })) }),
});
