/** Operators of one row each, for what f32 may make of them. */
import { argmax, f32, floor, i32, op, sum } from 'warpsmith/dsl';

export const polynomial = op({
  dims: ['T', 'N'],
  inputs: ({ T, N }) => ({ x: f32(T, N) }),
  outputs: ({ T, N }) => ({ y: f32(T, N) }),
  define: (_, { x }) => ({ y: (t, n) => (x(t, n) + 1) * x(t, n) }),
});

export const total = op({
  dims: ['T', 'N'],
  inputs: ({ T, N }) => ({ x: f32(T, N) }),
  outputs: ({ T }) => ({ y: f32(T) }),
  define: ({ N }, { x }) => ({ y: (t) => sum(N, (n) => x(t, n)) }),
});

export const place = op({
  dims: ['T', 'N'],
  inputs: ({ T, N }) => ({ x: f32(T, N) }),
  outputs: ({ T }) => ({ y: i32(T) }),
  define: ({ N }, { x }) => ({ y: (t) => argmax(N, (n) => x(t, n)) }),
});

export const squarePlace = op({
  dims: ['T', 'N'],
  inputs: ({ T, N }) => ({ x: f32(T, N) }),
  outputs: ({ T }) => ({ y: i32(T) }),
  define: ({ N }, { x }) => ({ y: (t) => argmax(N, (n) => x(t, n) * x(t, n) * 1.1) }),
});

export const steps = op({
  dims: ['T', 'N'],
  inputs: ({ T, N }) => ({ x: f32(T, N) }),
  outputs: ({ T, N }) => ({ y: f32(T, N) }),
  define: (_, { x }) => ({ y: (t, n) => floor(x(t, n) * 3 * (1 / 3)) }),
});
