import { i32, op, scatter, state } from 'warpsmith/dsl';

export const broken = op({
  dims: ['R', 'S'],
  inputs: ({ R, S }) => ({ row: i32(R).in(0, S), counts: state(i32(S)) }),
  outputs: ({ S }) => ({ counts: state(i32(S)) }),
  define: ({ R }, { row, counts }) => ({ counts: scatter(R, (r) => ({ slot: [row(r) + 1], value: 1 })) }),
});
