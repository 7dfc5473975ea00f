/** A selection for each element of a row took scratch memory anew each time, and ran over what other threads had. */
import { act, argmax, f32, mod, op, sum } from 'warpsmith/dsl';

export const features = { H: 5, N: 7 };

export const selectionOfEach = op({
  dims: ['T', 'H', 'N'],
  inputs: ({ T, H, N }) => ({ x: act(T, H * N), x1: act(T) }),
  outputs: ({ H, N }) => ({ y: f32(H, N) }),
  define: ({ T, H, N }, { x, x1 }) => ({
    y: (h, n) => {
      const total = sum(H, (i) => x(mod(i, T), h));
      return n < T
        ? x(
            n,
            argmax(H * N, (i) => x1(mod(i, T))),
          )
        : total;
    },
  }),
});
