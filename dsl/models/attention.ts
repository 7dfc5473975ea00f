/** Self-attention blocks over the paged cache: merged projections, rotary embedding, cache, attention, output projection. */
import type { SymbolicTensor } from '../lang/symbolic.ts';
import { headNorm, pagedAttention, rope, ropeTable, splitHeads, storeKv } from '../ops/index.ts';
import { requireKnownParts } from './known-parts.ts';
import { type Model, normWeight, qkvLinear, rowLinear } from './layers.ts';
import { ropeFrequencies } from './rope-frequencies.ts';
import { kvHeadsOf } from './sharding.ts';

/** The rotations of a step, [T, headDim / 2] each in f32. */
export interface Rotation {
  /** f32[T, headDim / 2]. */
  readonly cosine: SymbolicTensor;
  /** f32[T, headDim / 2]. */
  readonly sine: SymbolicTensor;
}

/** What a block is told of the layer it stands in. */
export interface Layer {
  /** The layer's place, from 0. */
  readonly index: number;
  /** The prefix of the layer's names in the checkpoint: `model.layers.3`. */
  readonly prefix: string;
  /** One for all layers of a step. */
  readonly rotation: Rotation;
}

/** An operator with the inputs of `pagedAttention`: q [T, HQ, D], kv of [HK, D] a slot, and the factor of the scores; o is [T, HQ, D]. */
export type AttentionOperator = (
  inputs: { readonly q: SymbolicTensor; readonly kv: SymbolicTensor },
  attrs: {
    /** The factor of q * k: headDim^-0.5. */
    readonly scale: number;
  },
) => { readonly o: SymbolicTensor };

/** An operator with the inputs of `rope`: x [T, heads, headDim] and the step's rotation; y has x's shape. */
export type RopeOperator = (inputs: { readonly x: SymbolicTensor } & Rotation) => { readonly y: SymbolicTensor };

/** What differs among attention blocks, and the operators that a caller puts in place of ours. */
export interface AttentionParts {
  /** Whether queries and keys are normed by head before they are rotated, as Qwen3 does. */
  readonly headNorms: boolean;
  /** `pagedAttention` unless given. */
  readonly attend?: AttentionOperator;
  /** `rope` unless given. */
  readonly rotate?: RopeOperator;
}

/** The rotations that all layers of a step share. */
export function rotationOf({ graph, config }: Model): Rotation {
  const { inverseFrequency, scale } = ropeFrequencies(config.rope, config.headDim);
  return ropeTable({ inverseFrequency: graph.constant('rope.inverseFrequency', inverseFrequency) }, { scale });
}

/**
 * y = o_proj(attention(rope(norm(q)), cache with rope(norm(k)) and v stored)): x [T, hiddenSize] to y [T, hiddenSize] (Vaswani et al., 2017;
 * grouped queries: Ainslie et al., 2023).
 *
 * @throws LanguageError `part-unknown` for parts that there are not, `tensor-parallel` for heads that the ranks cannot share out, and what
 * the operators throw.
 */
export function selfAttention(model: Model, layer: Layer, parts: AttentionParts, x: SymbolicTensor): SymbolicTensor {
  const { graph, config, shard } = model;
  requireKnownParts('selfAttention', parts, ['headNorms', 'attend', 'rotate']);
  const { headNorms, attend = pagedAttention, rotate = rope } = parts;
  const prefix = `${layer.prefix}.self_attn`;
  const HQ = config.numHeads / shard.size;
  const HK = kvHeadsOf(config.numKvHeads, shard).rows;
  const heads = splitHeads({ qkv: qkvLinear(model, prefix, x) }, {}, { dims: { HQ, HK } });
  const ready = (head: SymbolicTensor, name: string) => {
    const weight = () => normWeight(model, `${prefix}.${name}`, config.headDim);
    const normed = headNorms ? headNorm({ x: head, weight: weight() }, { eps: config.rmsNormEps }).y : head;
    return rotate({ x: normed, ...layer.rotation }).y;
  };
  const q = ready(heads.q, 'q_norm');
  const k = ready(heads.k, 'k_norm');
  const cache = graph.paged(`kv.${layer.index}`, { k: [HK, config.headDim], v: [HK, config.headDim] });
  const { kv } = storeKv({ k, v: heads.v, kv: cache });
  const { o } = attend({ q, kv }, { scale: config.headDim ** -0.5 });
  return rowLinear(
    model,
    {
      name: `${prefix}.o_proj`,
      rows: config.hiddenSize,
      columns: config.numHeads * config.headDim,
      bias: config.attentionBias,
    },
    o.reshape('T', HQ * config.headDim),
  );
}
