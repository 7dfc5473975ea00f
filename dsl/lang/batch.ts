/**
 * The ragged batch: T tokens that belong to B sequences, one after the other. An author asks about it by plain functions of a
 * token or a sequence, which Node answers from the batch of the evaluation under way.
 */
import { LanguageError } from './error.ts';

/** The names that become batch nodes of the IR; the first three take a token, the others a sequence. */
export const batchQueries = ['seq', 'pos', 'slot', 'seqStart', 'seqLen', 'contextLen'] as const;

export type BatchQueryName = (typeof batchQueries)[number];

/** What a step says about its sequences. */
export interface Batch {
  /** [B + 1], where sequence s has the tokens [cuSeqlens[s], cuSeqlens[s + 1]) of the batch. Tokens past the last are padding. */
  readonly cuSeqlens: readonly number[];
  /** [B], tokens of the sequence in all, those of this step included. */
  readonly contextLens: readonly number[];
  /** [B][P], the cache block of each run of blockSize positions. Needed where a cache is read or written. */
  readonly blockTable?: readonly (readonly number[])[];
  /** Positions a block; needed with blockTable. */
  readonly blockSize?: number;
  /** [T], slots to use instead of those derived from the block table; negative skips. */
  readonly slot?: readonly number[];
}

/**
 * Queries are free functions in the author's source, so the batch cannot reach them as an argument: it is in dynamic scope
 * while one evaluation runs. Evaluation is synchronous, so scopes nest and never interleave.
 */
let current: Batch | null = null;

export function withBatch<Result>(batch: Batch | null, evaluation: () => Result): Result {
  const outer = current;
  current = batch;
  try {
    return evaluation();
  } finally {
    current = outer;
  }
}

/**
 * seq(t) = s, the sequence with seqStart(s) <= t < seqStart(s) + seqLen(s), in [0, B); 0 for padding.
 *
 * @throws LanguageError `no-batch` in Node outside of an evaluation that has a batch.
 */
export function seq(t: number): number {
  return Math.max(sequenceOf(t), 0);
}

/**
 * The position of token t in its sequence, cached tokens counted: pos(t) = contextLen(s) - seqLen(s) + t - seqStart(s), with s = seq(t);
 * -1 for padding, which therefore attends to nothing.
 *
 * @throws LanguageError `no-batch`, as `seq` does.
 */
export function pos(t: number): number {
  const s = sequenceOf(t);
  return s < 0 ? -1 : contextLen(s) - seqLen(s) + t - seqStart(s);
}

/**
 * Where token t goes in the cache (vLLM's slot mapping): slot(t) = blockTable[s][idiv(pos(t), blockSize)] * blockSize + mod(pos(t), blockSize),
 * with s = seq(t); negative means nowhere, as for padding.
 *
 * @throws LanguageError `no-batch`, as `seq` does, and `batch-without-blocks` for a batch without a block table.
 * @throws RangeError for a position that its sequence has no block for.
 */
export function slot(t: number): number {
  const { slot: given } = activeBatch('slot');
  if (given !== undefined) return at(given, t, 'slot');
  return sequenceOf(t) < 0 ? -1 : slotOf(seq(t), pos(t));
}

/**
 * The first token of sequence s in the batch: seqStart(s) = cuSeqlens[s].
 *
 * @throws LanguageError `no-batch`, as `seq` does.
 * @throws RangeError for s outside of [0, B).
 */
export const seqStart = (s: number): number => at(activeBatch('seqStart').cuSeqlens, s, 'cuSeqlens');

/**
 * The tokens of sequence s in the batch: seqLen(s) = cuSeqlens[s + 1] - cuSeqlens[s].
 *
 * @throws LanguageError `no-batch`, as `seq` does.
 * @throws RangeError for s outside of [0, B).
 */
export const seqLen = (s: number): number => at(activeBatch('seqLen').cuSeqlens, s + 1, 'cuSeqlens') - seqStart(s);

/**
 * The tokens of sequence s in all, those of this step included: contextLen(s) = contextLens[s].
 *
 * @throws LanguageError `no-batch`, as `seq` does.
 * @throws RangeError for s outside of [0, B).
 */
export const contextLen = (s: number): number => at(activeBatch('contextLen').contextLens, s, 'contextLens');

/** The slot of a position of sequence s, through its block table. Throws where the batch has no block for it. */
export function slotOf(s: number, position: number): number {
  const { blockTable, blockSize } = activeBatch('slot');
  if (blockTable === undefined || blockSize === undefined) {
    throw new LanguageError(
      'batch-without-blocks',
      'the batch has no block table',
      'Give `blockTable` and `blockSize` with the batch.',
    );
  }
  const blocks = blockTable[s];
  const block = blocks?.[Math.floor(position / blockSize)];
  if (block === undefined) throw new RangeError(`sequence ${s} has no block for position ${position}`);
  return block * blockSize + (position % blockSize);
}

function sequenceOf(t: number): number {
  const { cuSeqlens } = activeBatch('seq');
  if (t < 0) return -1;
  // A loop, since the oracle asks for every product of a score.
  for (let s = 0; s + 1 < cuSeqlens.length; s++) if (t < (cuSeqlens[s + 1] ?? 0)) return s;
  return -1;
}

function activeBatch(query: string): Batch {
  if (current === null) {
    throw new LanguageError(
      'no-batch',
      `${query} is asked outside of a ragged batch`,
      'Give `batch` to the evaluation.',
    );
  }
  return current;
}

function at(values: readonly number[], index: number, name: string): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`${name}[${index}] of ${values.length}`);
  return value;
}
