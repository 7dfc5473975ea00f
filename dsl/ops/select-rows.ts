import { act, i32 } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * The tokens of a step whose logits are wanted: y[r, h] = x[rows[r], h].
 * x: act[T, H], rows: i32[R] in [0, T) -> y: act[R, H].
 */
export const selectRows = op({
  dims: ['T', 'R', 'H'],
  inputs: ({ T, R, H }) => ({ x: act(T, H), rows: i32(R).in(0, T) }),
  outputs: ({ R, H }) => ({ y: act(R, H) }),
  define: (_, { x, rows }) => ({ y: (r, h) => x(rows(r), h) }),
});
