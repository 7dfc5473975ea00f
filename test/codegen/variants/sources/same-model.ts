import { act, exp, gatedMlp, type ModelFunction, op, qwen3 } from 'warpsmith/dsl';

/** SiLU-mul in a user's own words: the model must tell what it told before. */
export const myGate = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, 2 * H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => (x(t, h) / (1 + exp(-x(t, h)))) * x(t, H + h) }),
});

const model: ModelFunction = (config) =>
  qwen3(config, { mlp: (model, { prefix }, x) => gatedMlp(model, `${prefix}.mlp`, myGate, x) });

export default model;
