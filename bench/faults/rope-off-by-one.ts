/** A model with a fault that comparisons must notice: queries are rotated as if they stood one position later. */
import { pos } from '../../dsl/lang/batch.ts';
import { f32, ragged } from '../../dsl/lang/declare.ts';
import { cos, sin } from '../../dsl/lang/intrinsics.ts';
import { op } from '../../dsl/lang/operator.ts';
import { type RopeOperator, selfAttention } from '../../dsl/models/attention.ts';
import type { ModelFunction } from '../../dsl/models/decoder.ts';
import { qwen3 } from '../../dsl/models/qwen3.ts';
import { ropeFrequencies } from '../../dsl/models/rope-frequencies.ts';
import { rope } from '../../dsl/ops/rope.ts';

export const lateRopeTable = op({
  dims: [ragged('T', 'B'), 'F'],
  inputs: ({ F }) => ({ inverseFrequency: f32(F) }),
  outputs: ({ T, F }) => ({ cosine: f32(T, F), sine: f32(T, F) }),
  define: (_, { inverseFrequency }) => ({
    cosine: (t, f) => cos((pos(t) + 1) * inverseFrequency(f)),
    sine: (t, f) => sin((pos(t) + 1) * inverseFrequency(f)),
  }),
});

const model: ModelFunction = (config, options = {}) =>
  qwen3(config, {
    attention: (step, layer, x) => {
      const { inverseFrequency } = ropeFrequencies(config.rope, config.headDim);
      const late = lateRopeTable({
        inverseFrequency: step.graph.constant(`late.${layer.index}`, inverseFrequency),
      });
      let calls = 0;
      // Queries are rotated first.
      const rotate: RopeOperator = (inputs) => rope(calls++ === 0 ? { ...inputs, ...late } : inputs);
      return selfAttention(step, layer, { headNorms: true, rotate }, x);
    },
    ...options,
  });

export default model;
