import { act, f32, weight } from '../lang/declare.ts';
import { op } from '../lang/operator.ts';
import { sum } from '../lang/reductions.ts';

/**
 * Logits of the chosen rows, kept in f32: logits[r, v] = sum_h x[r, h] * weight[v, h].
 * x: act[R, H], weight: weight[V, H] -> logits: f32[R, V].
 */
export const lmHead = op({
  dims: ['R', 'V', 'H'],
  inputs: ({ R, V, H }) => ({ x: act(R, H), weight: weight(V, H) }),
  outputs: ({ R, V }) => ({ logits: f32(R, V) }),
  define: ({ H }, { x, weight }) => ({ logits: (r, v) => sum(H, (h) => x(r, h) * weight(v, h)) }),
});
