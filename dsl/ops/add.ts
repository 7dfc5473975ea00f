import { act } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * Adds a block's output to the residual stream: y[t, h] = x[t, h] + residual[t, h].
 * x: act[T, H], residual: act[T, H] -> y: act[T, H].
 */
export const add = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H), residual: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x, residual }) => ({ y: (t, h) => x(t, h) + residual(t, h) }),
});
