/** Packs a step into the row of 32-bit words that the ABI reads (templates/host/lib/warpsmith.h). */

/** A ragged batch: T tokens that belong to B sequences, one after the other. */
export interface RaggedBatch {
  /** [B + 1], sequence s has the tokens [cuSeqlens[s], cuSeqlens[s + 1]) (FlashAttention's cu_seqlens). */
  readonly cuSeqlens: Int32Array;
  /** [B], tokens of the sequence in all, those of this step included. */
  readonly contextLens: Int32Array;
  /** [B * blocksPerSequence], the cache block of each run of blockSize positions (vLLM's block table). */
  readonly blockTable: Int32Array;
  /** Tokens of the step, where it has more than its sequences: the rest is padding. */
  readonly paddedTokens?: number | undefined;
  /** [T], where a token goes in the cache: block * blockSize + offset, negative for nowhere; derived from the block table where absent. */
  readonly slots?: Int32Array | undefined;
}

const HEADER_WORDS = 5;

/**
 * counts in the program's order; inputs in the manifest's order, packed where given. Written into `room` if there is one, which
 * must be long enough: its first word tells how much of it is the descriptor.
 */
export function packDescriptor(
  counts: readonly number[],
  batch: RaggedBatch,
  inputs: readonly (Int32Array | Float32Array)[] = [],
  room?: Int32Array,
): Int32Array {
  const sequences = batch.contextLens.length;
  const parts: (readonly number[] | Int32Array | Float32Array)[] = [
    counts,
    batch.cuSeqlens,
    batch.contextLens,
    batch.blockTable,
    ...(batch.slots ? [batch.slots] : []),
    ...inputs,
  ];
  const words = parts.reduce((sum, part) => sum + part.length, HEADER_WORDS);
  const descriptor = room ?? new Int32Array(words);
  const blocksPerSequence = sequences === 0 ? 0 : batch.blockTable.length / sequences;
  const tokens = batch.paddedTokens ?? batch.cuSeqlens.at(-1) ?? 0;
  descriptor.set([words, sequences, blocksPerSequence, batch.slots ? 1 : 0, tokens]);
  let at = HEADER_WORDS;
  for (const part of parts) {
    if (part instanceof Float32Array) new Float32Array(descriptor.buffer, at * 4, part.length).set(part);
    else descriptor.set(part, at);
    at += part.length;
  }
  return descriptor;
}

/** Words of the largest descriptor of a program with so many sequences, blocks a sequence, and words of counts and inputs. */
export function descriptorWords(sequences: number, blocksPerSequence: number, others: number): number {
  return HEADER_WORDS + 2 * sequences + 1 + sequences * blocksPerSequence + others;
}

/** A batch without sequences, for operators that are not ragged. */
export const NO_BATCH: RaggedBatch = {
  cuSeqlens: Int32Array.of(0),
  contextLens: new Int32Array(),
  blockTable: new Int32Array(),
};
