import { selfAttention } from './attention.ts';
import { type Block, decoder, type ModelFunction } from './decoder.ts';

/**
 * Llama 2 and 3 (Touvron et al., 2023; Grattafiori et al., 2024), and what shares their form: queries and keys go to the rotation as they
 * are. The graph of a step, as `ModelFunction` describes it.
 *
 * @throws LanguageError `tensor-parallel` and `part-unknown`.
 */
export const llama: ModelFunction = (config, options = {}) =>
  decoder(config, { attention: llamaAttention, ...options });

/**
 * Self-attention as Llama has it: [T, hiddenSize] to [T, hiddenSize], without norms of heads.
 *
 * @throws LanguageError as `selfAttention` does.
 */
export const llamaAttention: Block = (model, layer, x) => selfAttention(model, layer, { headNorms: false }, x);
