import { selfAttention } from './attention.ts';
import { type Block, decoder, type ModelFunction } from './decoder.ts';

/**
 * Qwen3 (dense; Qwen team, 2025): queries and keys are normed by head before they are rotated. The graph of a step, as `ModelFunction`
 * describes it.
 *
 * @throws LanguageError `tensor-parallel` and `part-unknown`.
 */
export const qwen3: ModelFunction = (config, options = {}) =>
  decoder(config, { attention: qwen3Attention, ...options });

/**
 * Self-attention as Qwen3 has it: [T, hiddenSize] to [T, hiddenSize], with queries and keys normed by head.
 *
 * @throws LanguageError as `selfAttention` does.
 */
export const qwen3Attention: Block = (model, layer, x) => selfAttention(model, layer, { headNorms: true }, x);
