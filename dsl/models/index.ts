/** The models, by the name a checkpoint's config gives its architecture. */
import type { ModelFunction } from './decoder.ts';
import { llama } from './llama.ts';
import { qwen3 } from './qwen3.ts';

/** The function of each architecture, by `architectures[0]` of a config.json. */
export const models: Readonly<Record<string, ModelFunction>> = {
  LlamaForCausalLM: llama,
  Qwen3ForCausalLM: qwen3,
};

export {
  type AttentionOperator,
  type AttentionParts,
  type Layer,
  type RopeOperator,
  type Rotation,
  selfAttention,
} from './attention.ts';
export { type ConfigError, type ModelConfig, type ParsedConfig, parseConfig, type RopeParameters } from './config.ts';
export { type Block, gatedBlock, type ModelFunction, type ModelOptions } from './decoder.ts';
export {
  type Activation,
  columnLinear,
  gatedMlp,
  type Model,
  mergedLinear,
  type Normed,
  norm,
  rowLinear,
} from './layers.ts';
export { llama, llamaAttention } from './llama.ts';
export { qwen3, qwen3Attention } from './qwen3.ts';
export { type RopeFrequencies, ropeFrequencies } from './rope-frequencies.ts';
export { type LinearTensor, type Shard, tensorParallelSizes } from './sharding.ts';
