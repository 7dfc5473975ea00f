import { selfAttention } from './attention.ts';
import { type Block, decoder, type ModelFunction } from './decoder.ts';

/** Llama 2 and 3, and what shares their form: queries and keys go to the rotation as they are. */
export const llama: ModelFunction = (config, options = {}) =>
  decoder(config, { attention: llamaAttention, ...options });

/** Self-attention as Llama has it: [T, hiddenSize] to [T, hiddenSize], without norms of heads. */
export const llamaAttention: Block = (model, layer, x) => selfAttention(model, layer, { headNorms: false }, x);
