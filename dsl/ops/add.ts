import { act } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/** y[t, h] = x[t, h] + residual[t, h]. */
export const add = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H), residual: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x, residual }) => ({ y: (t, h) => x(t, h) + residual(t, h) }),
});
