/** A model with a fault that comparisons must notice: a token does not see itself. */
import { idiv } from '../../dsl/lang/arithmetic.ts';
import { attend, range } from '../../dsl/lang/attend.ts';
import { pos, seq } from '../../dsl/lang/batch.ts';
import { act, f32, kvCache, ragged } from '../../dsl/lang/declare.ts';
import { op } from '../../dsl/lang/operator.ts';
import { sum } from '../../dsl/lang/reductions.ts';
import { selfAttention } from '../../dsl/models/attention.ts';
import type { ModelFunction } from '../../dsl/models/decoder.ts';
import { qwen3 } from '../../dsl/models/qwen3.ts';

export const blindAttention = op({
  dims: [ragged('T', 'B'), 'HQ', 'HK', 'D'],
  where: ({ HQ, HK }) => [HQ % HK === 0],
  inputs: ({ T, HQ, HK, D }) => ({ q: act(T, HQ, D), kv: kvCache(HK, D) }),
  attrs: { scale: f32 },
  outputs: ({ T, HQ, D }) => ({ o: act(T, HQ, D) }),
  define: ({ HQ, HK, D }, { q, kv }, { scale }) => ({
    o: (t, h) =>
      attend(range(0, pos(t)), (j) => ({
        score: scale * sum(D, (d) => q(t, h, d) * kv.k(seq(t), j, idiv(h, HQ / HK), d)),
        value: (d) => kv.v(seq(t), j, idiv(h, HQ / HK), d),
      })),
  }),
});

const model: ModelFunction = (config, options = {}) =>
  qwen3(config, {
    attention: (step, layer, x) => selfAttention(step, layer, { headNorms: true, attend: blindAttention }, x),
    ...options,
  });

export default model;
