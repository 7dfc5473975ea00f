/** The layers that decoder models share, each a function of a model under trace, the checkpoint's names and its input. */

import type { SymbolicTensor } from '../lang/symbolic.ts';
import type { GraphBuilder } from '../lang/trace.ts';
import { addRmsNorm, embedding, linear, linearBias, lmHead, rmsNorm, vocabEmbedding } from '../ops/index.ts';
import type { ModelConfig } from './config.ts';
import {
  column,
  type LinearShard,
  type LinearTensor,
  lmHeadShard,
  mergedColumn,
  qkv,
  row,
  type Shard,
  vector,
  vocabEmbeddingShard,
} from './sharding.ts';

/** A model while it is traced for one rank. */
export interface Model {
  /** What its calls are recorded in. */
  readonly graph: GraphBuilder;
  /** The sizes of the whole model, and not of the rank's part. */
  readonly config: ModelConfig;
  /** The rank. */
  readonly shard: Shard;
}

/** The slice of a linear layer that is this rank's; `name` is the merged layer's own. */
function applyLinear({ graph }: Model, name: string, part: LinearShard, x: SymbolicTensor): SymbolicTensor {
  const weight = graph.checkpoint(`${name}.weight`, 'weight', [part.rows, part.columns], part.weight);
  const { collective } = part;
  if (part.bias === null) return linear({ x, weight }, {}, { collective }).y;
  const bias = graph.checkpoint(`${name}.bias`, 'weight', [part.rows], part.bias);
  return linearBias({ x, weight, bias }, {}, { collective }).y;
}

/**
 * y[T, rows of this rank] = x[T, columns] * W^T (+ bias); the rows of W are divided among the ranks (Shoeybi et al., 2019).
 *
 * @throws LanguageError `tensor-parallel` for rows that do not divide, `shape` for an x of another width.
 */
export function columnLinear(model: Model, tensor: LinearTensor, x: SymbolicTensor): SymbolicTensor {
  return applyLinear(model, tensor.name, column(tensor, model.shard), x);
}

/**
 * Column-parallel layers of one input as one product: x [T, columns] to [T, the rows of this rank of all of them], one after the other.
 *
 * @throws LanguageError as `columnLinear` does.
 */
export function mergedLinear(
  model: Model,
  name: string,
  tensors: readonly LinearTensor[],
  x: SymbolicTensor,
): SymbolicTensor {
  return applyLinear(model, name, mergedColumn(tensors, model.shard), x);
}

/** The merged q, k and v projections of an attention block, [T, this rank's heads of all three, headDim]. */
export function qkvLinear(model: Model, prefix: string, x: SymbolicTensor): SymbolicTensor {
  const { hiddenSize, numHeads, numKvHeads, headDim, attentionBias } = model.config;
  const tensor = (name: string, heads: number): LinearTensor => ({
    name: `${prefix}.${name}`,
    rows: heads * headDim,
    columns: hiddenSize,
    bias: attentionBias,
  });
  const tensors = { q: tensor('q_proj', numHeads), k: tensor('k_proj', numKvHeads), v: tensor('v_proj', numKvHeads) };
  const part = qkv(tensors, headDim, model.shard);
  return applyLinear(model, `${prefix}.qkv_proj`, part, x).reshape('T', part.rows / headDim, headDim);
}

/**
 * y[T, rows] = x[T, columns of this rank] * W^T (+ bias): a product over inputs that the ranks share out; their results are summed
 * (Shoeybi et al., 2019).
 *
 * @throws LanguageError `tensor-parallel` for columns that do not divide, `shape` for an x of another width.
 */
export function rowLinear(model: Model, tensor: LinearTensor, x: SymbolicTensor): SymbolicTensor {
  return applyLinear(model, tensor.name, row(tensor, model.shard), x);
}

/** The embedding of the step's tokens, [T, hiddenSize]. */
export function embed(model: Model, ids: SymbolicTensor): SymbolicTensor {
  const { graph, shard } = model;
  const { first, rows, columns, weight, collective } = vocabEmbeddingShard(embeddingTensor(model), shard);
  const table = graph.checkpoint('model.embed_tokens.weight', 'weight', [rows, columns], weight);
  if (shard.size === 1) return embedding({ ids, table }).y;
  return vocabEmbedding({ ids, table }, { first }, { collective }).y;
}

/** Logits over the whole vocabulary, [R, vocabSize] in f32, from the embedding's rows where the checkpoint ties them. */
export function logitsOf(model: Model, x: SymbolicTensor): SymbolicTensor {
  const { graph, config, shard } = model;
  const tensor = config.tieWordEmbeddings ? embeddingTensor(model) : { ...embeddingTensor(model), name: 'lm_head' };
  const { rows, columns, weight: segments, collective } = lmHeadShard(tensor, shard);
  const weight = graph.checkpoint(`${tensor.name}.weight`, 'weight', [rows, columns], segments);
  return lmHead({ x, weight }, {}, { collective, ranks: shard.size }).logits;
}

/** The residual stream and its norm. */
export interface Normed {
  /** [T, hiddenSize], the sum so far. */
  readonly residual: SymbolicTensor;
  /** [T, hiddenSize], its RMS norm. */
  readonly y: SymbolicTensor;
}

/**
 * Takes x [T, hiddenSize] into the residual stream and norms the sum with the weight `<name>.weight` (RMS norm: Zhang and Sennrich, 2019);
 * without a stream, x begins one.
 *
 * @throws LanguageError `shape` for an x of another width, `name-taken` for a name that has another shape already.
 */
export function norm(model: Model, name: string, x: SymbolicTensor, residual: SymbolicTensor | null): Normed {
  const { rmsNormEps: eps } = model.config;
  const weight = normWeight(model, name, model.config.hiddenSize);
  if (residual === null) return { residual: x, y: rmsNorm({ x, weight }, { eps }).y };
  const { total, y } = addRmsNorm({ x, residual, weight }, { eps });
  return { residual: total, y };
}

export function normWeight({ graph }: Model, name: string, size: number): SymbolicTensor {
  return graph.checkpoint(`${name}.weight`, 'weight', [size], [vector(`${name}.weight`, size)]);
}

/** An operator from a merged gate and up projection, x [T, 2 * H], to the width of one of them, y [T, H]. */
export type Activation = (inputs: { readonly x: SymbolicTensor }) => { readonly y: SymbolicTensor };

/**
 * The gated feed-forward block (Shazeer, 2020): y = down(activation(gate(x), up(x))), x [T, hiddenSize] to y [T, hiddenSize], with the
 * weights `<prefix>.gate_proj`, `up_proj` and `down_proj`.
 *
 * @throws LanguageError `tensor-parallel` for an intermediate size that does not divide, and what the activation throws.
 */
export function gatedMlp(model: Model, prefix: string, activation: Activation, x: SymbolicTensor): SymbolicTensor {
  const { hiddenSize, intermediateSize, mlpBias: bias } = model.config;
  const upward = (name: string): LinearTensor => ({
    name: `${prefix}.${name}`,
    rows: intermediateSize,
    columns: hiddenSize,
    bias,
  });
  const gateUp = mergedLinear(model, `${prefix}.gate_up_proj`, [upward('gate_proj'), upward('up_proj')], x);
  const { y } = activation({ x: gateUp });
  return rowLinear(model, { name: `${prefix}.down_proj`, rows: hiddenSize, columns: intermediateSize, bias }, y);
}

function embeddingTensor({ config }: Model): LinearTensor {
  return { name: 'model.embed_tokens', rows: config.vocabSize, columns: config.hiddenSize, bias: false };
}
