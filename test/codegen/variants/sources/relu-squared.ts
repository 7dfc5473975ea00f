import { act, gatedMlp, type ModelFunction, maximum, op, qwen3 } from 'warpsmith/dsl';

/** A gate by the square of its positive part in place of SiLU: y[t, h] = max(x[t, h], 0)^2 * x[t, H + h]. */
export const reluSquaredMul = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, 2 * H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({
    y: (t, h) => {
      const positive = maximum(x(t, h), 0);
      return positive * positive * x(t, H + h);
    },
  }),
});

const model: ModelFunction = (config) =>
  qwen3(config, { mlp: (model, { prefix }, x) => gatedMlp(model, `${prefix}.mlp`, reluSquaredMul, x) });

export default model;
