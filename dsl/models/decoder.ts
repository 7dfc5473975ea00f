/** The decoder that the models share: norms before each block, a residual stream, and the sampler after the last. */
import type { Graph } from '../lang/graph.ts';
import type { SymbolicTensor } from '../lang/symbolic.ts';
import { trace } from '../lang/trace.ts';
import { geluTanhMul, knownTokens, selectRows, siluMul } from '../ops/index.ts';
import { type Layer, rotationOf } from './attention.ts';
import type { ModelConfig } from './config.ts';
import { requireKnownParts } from './known-parts.ts';
import { embed, gatedMlp, logitsOf, type Model, norm } from './layers.ts';
import { sampleTokens } from './sampler.ts';
import { requireTensorParallel, type Shard } from './sharding.ts';

/** A block of a layer: [T, hiddenSize] to [T, hiddenSize]. */
export type Block = (model: Model, layer: Layer, x: SymbolicTensor) => SymbolicTensor;

/** What a caller may say: the rank to trace for (0 of 1 unless given), and blocks in place of the model's own. */
export interface ModelOptions {
  /** The rank that the graph is for. */
  readonly tensorParallel?: Shard;
  /** In place of the model's self-attention. */
  readonly attention?: Block;
  /** In place of the model's feed-forward block. */
  readonly mlp?: Block;
}

/**
 * A model: the graph `step` of one step, with the counts T (tokens), B (sequences), R (rows to sample) and S (rows of the state). Results:
 * token i32[R], logprob f32[R], topIds i32[R, N], topLogprobs f32[R, N], logits f32[R, vocabSize]. Throws LanguageError `tensor-parallel`
 * for ranks that the sizes do not allow, and `part-unknown` for an option that there is not.
 */
export type ModelFunction = (config: ModelConfig, options?: ModelOptions) => Graph;

/**
 * The graph `step`, with the counts T (tokens), B (sequences), R (rows to sample) and S (rows of the state).
 * Inputs: `tokens` i32[T] (an id, or -1 - s for the last token drawn by the sequence in row s of the state), `rows` i32[R] (the
 * tokens whose logits are wanted), and those of `sampleTokens`.
 * Results: token i32[R], logprob f32[R], topIds i32[R, N], topLogprobs f32[R, N], logits f32[R, vocabSize].
 */
export function decoder(config: ModelConfig, options: ModelOptions & { readonly attention: Block }): Graph {
  const { tensorParallel: shard = { rank: 0, size: 1 }, attention, mlp = gatedBlock } = options;
  requireKnownParts('a decoder', options, ['tensorParallel', 'attention', 'mlp']);
  requireTensorParallel(config, shard);
  return trace('step', (graph) => {
    const model: Model = { graph, config, shard };
    const rotation = rotationOf(model);
    const lastTokens = graph.state('lastTokens', 'i32', ['S']);
    const stepTokens = graph.input('tokens', 'i32', ['T']);
    const { ids } = knownTokens({ stepTokens, lastTokens }, {}, { dims: { V: config.vocabSize } });
    let x = embed(model, ids);
    let residual: SymbolicTensor | null = null;
    for (let index = 0; index < config.numLayers; index++) {
      const layer = { index, prefix: `model.layers.${index}`, rotation };
      graph.scope(`layers.${index}`, () => {
        const before = norm(model, `${layer.prefix}.input_layernorm`, x, residual);
        x = graph.scope('attention', () => attention(model, layer, before.y));
        const between = norm(model, `${layer.prefix}.post_attention_layernorm`, x, before.residual);
        x = graph.scope('mlp', () => mlp(model, layer, between.y));
        residual = between.residual;
      });
    }
    const { y } = norm(model, 'model.norm', x, residual);
    const chosen = selectRows({ x: y, rows: graph.input('rows', 'i32', ['R']) }).y;
    return graph.scope('sampler', () => sampleTokens(model, logitsOf(model, chosen), lastTokens));
  });
}

/**
 * The gated feed-forward block (Shazeer, 2020) with the activation that the config names: [T, hiddenSize] to [T, hiddenSize].
 *
 * @throws LanguageError as `gatedMlp` does.
 */
export const gatedBlock: Block = (model, { prefix }, x) =>
  gatedMlp(model, `${prefix}.mlp`, model.config.hiddenAct === 'silu' ? siluMul : geluTanhMul, x);
