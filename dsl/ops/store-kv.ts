import { slot } from '../lang/batch.ts';
import { act, kvCache, ragged } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { scatter } from '../lang/scatter.ts';

/** Writes the keys and values of a step's tokens into the cache, each at its slot; a negative slot skips the token. */
export const storeKv = op({
  dims: [ragged('T', 'B'), 'HK', 'D'],
  inputs: ({ T, HK, D }) => ({ k: act(T, HK, D), v: act(T, HK, D), kv: kvCache(HK, D) }),
  outputs: ({ HK, D }) => ({ kv: kvCache(HK, D) }),
  define: ({ T }, { k, v }) => ({
    kv: scatter(T, (t) => ({ slot: slot(t), k: (h, d) => k(t, h, d), v: (h, d) => v(t, h, d) })),
  }),
});
