import { slot } from '../lang/batch.ts';
import { act, kvCache, ragged } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { scatter } from '../lang/scatter.ts';

/**
 * Writes the keys and values of a step's tokens into the paged cache (Kwon et al., 2023): kv.k[slot(t), h, d] = k[t, h, d] and kv.v
 * likewise; a negative slot skips the token.
 * k: act[T, HK, D], v: act[T, HK, D], kv: paged { k[HK, D], v[HK, D] } -> kv: paged { k[HK, D], v[HK, D] }.
 */
export const storeKv = op({
  dims: [ragged('T', 'B'), 'HK', 'D'],
  inputs: ({ T, HK, D }) => ({ k: act(T, HK, D), v: act(T, HK, D), kv: kvCache(HK, D) }),
  outputs: ({ HK, D }) => ({ kv: kvCache(HK, D) }),
  define: ({ T }, { k, v }) => ({
    kv: scatter(T, (t) => ({ slot: slot(t), k: (h, d) => k(t, h, d), v: (h, d) => v(t, h, d) })),
  }),
});
