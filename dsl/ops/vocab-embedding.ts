import { act, i32, weight } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * The embedding of a rank that holds the vocabulary's rows [first, first + V) (Shoeybi et al., 2019): y[t, h] = table[ids[t] - first, h],
 * and 0 for an id of another rank, so that the ranks' sum is the whole.
 * ids: i32[T], table: weight[V, H] -> y: act[T, H].
 */
export const vocabEmbedding = op({
  dims: ['T', 'V', 'H'],
  inputs: ({ T, V, H }) => ({ ids: i32(T), table: weight(V, H) }),
  attrs: { first: i32 },
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ V }, { ids, table }, { first }) => ({
    y: (t, h) => {
      const row = ids(t) - first;
      return row >= 0 && row < V ? table(row, h) : 0;
    },
  }),
});
