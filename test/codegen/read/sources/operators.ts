/** Operators that use each form of the language that the library's own do not. */
import * as w from 'warpsmith/dsl';
import { act, argmax, f32, i32, mean, op, rsqrt } from 'warpsmith/dsl';
import { mirrored, gate as sigmoidGate } from './barrel.ts';

/** Renamed dimensions, block bodies, locals, a helper from another file through a re-export, a default parameter. */
export const gated = op({
  dims: ['T', 'H'],
  inputs: ({ T, H: width }) => ({ x: act(T, 2 * width) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define({ H: width }, { x }) {
    const value = (t: number, h: number) => x(t, width + h);
    return {
      y: (t, h) => {
        const g = sigmoidGate(x(t, h));
        return g * value(t, h) - g;
      },
    };
  },
});

/** A helper that takes and gives functions. */
export const folded = op({
  dims: ['N'],
  inputs: ({ N }) => ({ x: f32(N) }),
  outputs: ({ N }) => ({ y: f32(N) }),
  define: ({ N }, { x }) => {
    const both = mirrored(N, (i) => x(i));
    return { y: (i) => both(i) / 2 };
  },
});

/** A mean nested in a mean calls `mean` while `mean` runs, which is no recursion. */
export const nestedMean = op({
  dims: ['T', 'N', 'M'],
  inputs: ({ T, N, M }) => ({ x: act(T, N, M) }),
  outputs: ({ T }) => ({ y: f32(T) }),
  define: ({ N, M }, { x }) => ({ y: (t) => mean(N, (n) => mean(M, (m) => x(t, n, m))) }),
});

/** One statistic used twice is one reduction; written through a function, too. */
export const standardized = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  attrs: { eps: f32 },
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }, { eps }) => {
    const center = (t: number) => mean(H, (i) => x(t, i));
    const deviation = (t: number, h: number) => x(t, h) - center(t);
    return { y: (t, h) => deviation(t, h) * rsqrt(mean(H, (i) => deviation(t, i) * deviation(t, i)) + eps) };
  },
});

/** Literals take the type of what they meet; an index that meets an f32 becomes one. */
export const typed = w.op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H), best: i32(T).in(0, H), count: i32(T) }),
  define: ({ H }, { x }) => ({
    y: (t, h) => (h > 0 && t !== 0 ? 1 : 0) * x(t, h) + h * 0.5 + 1 / H - (2 * Math.PI) / 4,
    best: (t) => argmax(H, (h) => x(t, h)),
    count: (t) => -t,
  }),
});
