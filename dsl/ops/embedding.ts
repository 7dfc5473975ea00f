import { act, i32, weight } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * y[t, h] = table[ids[t], h].
 * ids: i32[T] in [0, V), table: weight[V, H] -> y: act[T, H].
 */
export const embedding = op({
  dims: ['T', 'V', 'H'],
  inputs: ({ T, V, H }) => ({ ids: i32(T).in(0, V), table: weight(V, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { ids, table }) => ({ y: (t, h) => table(ids(t), h) }),
});
