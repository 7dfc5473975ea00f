import { act } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';

/**
 * The heads of a merged projection, which holds queries, keys and values in this order: q[t, h, d] = qkv[t, h, d],
 * k[t, h, d] = qkv[t, HQ + h, d], v[t, h, d] = qkv[t, HQ + HK + h, d].
 * qkv: act[T, HQ + 2 * HK, D] -> q: act[T, HQ, D], k: act[T, HK, D], v: act[T, HK, D].
 */
export const splitHeads = op({
  dims: ['T', 'HQ', 'HK', 'D'],
  inputs: ({ T, HQ, HK, D }) => ({ qkv: act(T, HQ + 2 * HK, D) }),
  outputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), k: act(T, HK, D), v: act(T, HK, D) }),
  define: ({ HQ, HK }, { qkv }) => ({
    q: (t, h, d) => qkv(t, h, d),
    k: (t, h, d) => qkv(t, HQ + h, d),
    v: (t, h, d) => qkv(t, HQ + HK + h, d),
  }),
});
