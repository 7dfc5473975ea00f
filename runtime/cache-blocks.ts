/** A sequence's blocks: found by a cached prefix, allocated when it is admitted, registered once computed. */
import type { BlockPool } from './block-pool.ts';
import type { Sequence } from './sequence.ts';

/**
 * The cached blocks that hold the sequence's beginning. At least one token is left to compute, for its logits; a prompt
 * whose log-probabilities are wanted is computed in full.
 */
export function cachedPrefix(sequence: Sequence, pool: BlockPool, blockSize: number): readonly number[] {
  if (sequence.promptLogprobs.length > 0) return [];
  const blocks: number[] = [];
  const most = Math.floor((sequence.tokens.length - 1) / blockSize);
  for (let index = 0; index < most; index++) {
    const block = pool.find(sequence.hashOfBlock(index, blockSize));
    if (block === undefined) break;
    blocks.push(block);
  }
  return blocks;
}

/** Takes the prefix and new blocks for all other tokens; takes nothing and says false if fewer than `reserve` stayed free. */
export function allocateForAdmission(
  sequence: Sequence,
  prefix: readonly number[],
  pool: BlockPool,
  blockSize: number,
  reserve: number,
): boolean {
  const numNew = Math.ceil(sequence.tokens.length / blockSize) - prefix.length;
  const numIdle = prefix.filter((block) => pool.isFree(block)).length;
  if (pool.numFree < numNew + numIdle + reserve) return false;
  for (const block of prefix) pool.share(block);
  const added = Array.from({ length: numNew }, () => pool.allocate()!);
  sequence.blocks = [...prefix, ...added];
  sequence.numRegisteredBlocks = prefix.length;
  sequence.numComputed = prefix.length * blockSize;
  sequence.numScheduled = sequence.numComputed;
  sequence.numCached = sequence.numComputed;
  return true;
}

/** Makes the full, computed blocks findable for others. */
export function registerComputedBlocks(sequence: Sequence, pool: BlockPool, blockSize: number): void {
  const numFull = Math.floor(sequence.numComputed / blockSize);
  for (let index = sequence.numRegisteredBlocks; index < numFull; index++) {
    pool.register(sequence.blocks[index]!, sequence.hashOfBlock(index, blockSize));
  }
  sequence.numRegisteredBlocks = Math.max(sequence.numRegisteredBlocks, numFull);
}
