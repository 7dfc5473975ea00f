/**
 * Which slice of which checkpoint tensor rank r of n loads: the one place that decides it. A linear's weight is [out, in];
 * a tensor of one axis is [n, 1] here.
 */
import { LanguageError } from '../lang/error.ts';
import type { GraphCall, WeightSegment } from '../lang/graph.ts';
import type { ModelConfig } from './config.ts';

/** Rank r of n. */
export interface Shard {
  /** In [0, size). */
  readonly rank: number;
  /** Ranks in all: the size of tensor parallelism. */
  readonly size: number;
}

/** A rank's part of a linear layer, possibly of several checkpoint tensors, their rows one after the other. */
export interface LinearShard {
  readonly rows: number;
  readonly columns: number;
  readonly weight: readonly WeightSegment[];
  /** The rank's bias of `rows` elements; null where it adds none. */
  readonly bias: readonly WeightSegment[] | null;
  /** What joins the ranks' outputs. */
  readonly collective: GraphCall['collective'];
}

/** A linear layer of the checkpoint: `<name>.weight` is [rows, columns], `<name>.bias` [rows]. */
export interface LinearTensor {
  /** Without `.weight`. */
  readonly name: string;
  /** Elements of an output, before the ranks share them out. */
  readonly rows: number;
  /** Elements of an input. */
  readonly columns: number;
  /** Whether there is a bias. */
  readonly bias: boolean;
}

/** Every rank holds and computes the whole. */
export function replicated(tensor: LinearTensor): LinearShard {
  return rowsOf([{ tensor, start: 0, rows: tensor.rows }]);
}

/** A rank holds a slice of the outputs. */
export function column(tensor: LinearTensor, shard: Shard): LinearShard {
  return mergedColumn([tensor], shard);
}

/** Several column-parallel layers of one input as one: a rank's slice of each, in order. */
export function mergedColumn(tensors: readonly LinearTensor[], shard: Shard): LinearShard {
  return rowsOf(tensors.map((tensor) => ({ tensor, ...slice(tensor.name, tensor.rows, shard) })));
}

/** Query, key and value projections as one: a rank's query heads, then its key heads, then its value heads. */
export function qkv(
  tensors: { readonly q: LinearTensor; readonly k: LinearTensor; readonly v: LinearTensor },
  headDim: number,
  shard: Shard,
): LinearShard {
  const heads = slice(tensors.q.name, tensors.q.rows / headDim, shard);
  const kvHeads = kvHeadsOf(tensors.k.rows / headDim, shard);
  const part = (tensor: LinearTensor, { start, rows }: Slice) => ({
    tensor,
    start: start * headDim,
    rows: rows * headDim,
  });
  return rowsOf([part(tensors.q, heads), part(tensors.k, kvHeads), part(tensors.v, kvHeads)]);
}

/** A rank holds a slice of the inputs; the ranks' outputs are summed, so that the bias is rank 0's alone. */
export function row(tensor: LinearTensor, shard: Shard): LinearShard {
  const { start, rows: columns } = slice(tensor.name, tensor.columns, shard);
  const segment = segmentOf(`${tensor.name}.weight`, [0, tensor.rows], [start, columns], [tensor.rows, tensor.columns]);
  return {
    rows: tensor.rows,
    columns,
    weight: [segment],
    bias: tensor.bias && shard.rank === 0 ? [biasOf(tensor, 0, tensor.rows)] : null,
    collective: shard.size === 1 ? 'none' : 'allReduce',
  };
}

/** A rank holds a slice of the vocabulary's rows; the ranks' embeddings are summed. */
export function vocabEmbeddingShard(tensor: LinearTensor, shard: Shard): LinearShard & { readonly first: number } {
  const { start } = slice(tensor.name, tensor.rows, shard);
  return { ...column(tensor, shard), first: start, collective: shard.size === 1 ? 'none' : 'allReduce' };
}

/** A rank holds a slice of the vocabulary's rows; the ranks' logits are gathered. */
export function lmHeadShard(tensor: LinearTensor, shard: Shard): LinearShard {
  return { ...column(tensor, shard), collective: shard.size === 1 ? 'none' : 'allGather' };
}

/** A tensor of one axis that every rank holds, such as a norm's weight. */
export function vector(name: string, size: number): WeightSegment {
  return segmentOf(name, [0, size], [0, 1], [size, 1]);
}

interface Slice {
  readonly start: number;
  readonly rows: number;
}

/** A rank's key and value heads: a slice, or one head that several ranks hold where there are more ranks than heads. */
export function kvHeadsOf(numKvHeads: number, { rank, size }: Shard): Slice {
  if (size % numKvHeads === 0) return { start: Math.floor((rank * numKvHeads) / size), rows: 1 };
  return slice('the kv heads', numKvHeads, { rank, size });
}

/** The sizes of tensor parallelism (numbers of ranks) that a model allows, ascending: they divide its heads, intermediate size and vocabulary. */
export function tensorParallelSizes(config: ModelConfig): readonly number[] {
  return Array.from({ length: config.numHeads }, (_, n) => n + 1).filter(
    (size) =>
      [config.numHeads, config.intermediateSize, config.vocabSize].every((extent) => extent % size === 0) &&
      (config.numKvHeads % size === 0 || size % config.numKvHeads === 0),
  );
}

/** Refuses a size that the model does not divide into, with those that would do. */
export function requireTensorParallel(config: ModelConfig, { rank, size }: Shard): void {
  const sizes = tensorParallelSizes(config);
  if (!sizes.includes(size)) {
    throw new LanguageError(
      'tensor-parallel',
      `${config.numHeads} heads, ${config.numKvHeads} kv heads, an intermediate size of ${config.intermediateSize} and a vocabulary of ${config.vocabSize} do not divide among ${size} ranks`,
      `Use ${sizes.join(', ')} ranks.`,
    );
  }
  if (!(Number.isInteger(rank) && rank >= 0 && rank < size)) {
    throw new LanguageError('tensor-parallel', `rank ${rank} is none of ${size}`, `Give a rank from 0 to ${size - 1}.`);
  }
}

function slice(what: string, extent: number, { rank, size }: Shard): Slice {
  if (extent % size !== 0) {
    const sizes = Array.from({ length: extent }, (_, n) => n + 1).filter((n) => extent % n === 0);
    throw new LanguageError(
      'tensor-parallel',
      `${what}: ${extent} do not divide among ${size} ranks`,
      `Use one of ${sizes.join(', ')} ranks.`,
    );
  }
  const rows = extent / size;
  return { start: rank * rows, rows };
}

function rowsOf(parts: readonly (Slice & { readonly tensor: LinearTensor })[]): LinearShard {
  const biased = parts.some(({ tensor }) => tensor.bias);
  return {
    rows: parts.reduce((total, { rows }) => total + rows, 0),
    columns: parts[0]?.tensor.columns ?? 0,
    weight: parts.map(({ tensor, start, rows }) =>
      segmentOf(`${tensor.name}.weight`, [start, rows], [0, tensor.columns], [tensor.rows, tensor.columns]),
    ),
    bias: biased ? parts.map(({ tensor, start, rows }) => biasOf(tensor, start, rows)) : null,
    collective: 'none',
  };
}

function biasOf(tensor: LinearTensor, start: number, rows: number): WeightSegment {
  return segmentOf(`${tensor.name}.bias`, [start, rows], [0, 1], [tensor.rows, 1]);
}

type Pair = readonly [number, number];

function segmentOf(
  tensor: string,
  [rowStart, rows]: Pair,
  [columnStart, columns]: Pair,
  [totalRows, totalColumns]: Pair,
): WeightSegment {
  return { tensor, rowStart, rows, columnStart, columns, totalRows, totalColumns };
}
