/**
 * The KV cache's blocks: who may write where. The pool holds numbers, the engine the memory; all operations are O(1).
 *
 * A block is in one of four places: plain (free, contents worthless), idle (free, contents known by hash), used
 * (referenced), retired (referenced no more, but the step that last used it has not ended).
 */
import { LinkedBlocks } from './linked-blocks.ts';

export interface BlockPoolStatistics {
  readonly total: number;
  /** Blocks that allocate() can hand out now, idle ones included. */
  readonly free: number;
  /** total - free: referenced or retired. */
  readonly used: number;
  /** The largest `used` so far. */
  readonly peak: number;
  /** Blocks that a prefix can be found in, whether in use or not. */
  readonly cached: number;
}

type Place = 'plain' | 'idle' | 'used' | 'retired';

export class BlockPool {
  readonly #place: Place[];
  readonly #references: Int32Array;
  /** A stack: the block freed last is the likeliest to be in the processor's cache. */
  readonly #plain: number[];
  /** Least recently used first. */
  readonly #idle: LinkedBlocks;
  /** In the order of their steps; an entry whose block was taken up again meanwhile is void. */
  readonly #retired: { readonly block: number; readonly step: number }[] = [];
  /** By block: the last step that used it, as of its last release. */
  readonly #lastStep: Float64Array;
  readonly #blockOf = new Map<string, number>();
  readonly #hashOf: (string | null)[];
  #completedStep = 0;
  #retiredCount = 0;
  #usedCount = 0;
  #peak = 0;

  constructor(numBlocks: number) {
    this.#place = Array.from({ length: numBlocks }, () => 'plain');
    this.#references = new Int32Array(numBlocks);
    this.#lastStep = new Float64Array(numBlocks);
    this.#plain = Array.from({ length: numBlocks }, (_, place) => numBlocks - 1 - place);
    this.#idle = new LinkedBlocks(numBlocks);
    this.#hashOf = Array.from({ length: numBlocks }, () => null);
  }

  /** A block with one reference and worthless contents; undefined when none is free. Idle blocks are forgotten last. */
  allocate(): number | undefined {
    const block = this.#plain.pop() ?? this.#evict();
    if (block !== undefined) this.#use(block);
    return block;
  }

  /** The block that holds this prefix, without taking a reference. */
  find(hash: string): number | undefined {
    return this.#blockOf.get(hash);
  }

  /** Whether taking a reference to this block leaves one free block less. */
  isFree(block: number): boolean {
    const place = this.#place[block];
    return place === 'plain' || place === 'idle';
  }

  /** Takes a reference to a block that is used or was found by its hash. */
  share(block: number): void {
    switch (this.#place[block]) {
      case 'used':
        this.#references[block]! += 1;
        return;
      case 'idle':
        this.#idle.remove(block);
        this.#use(block);
        return;
      case 'retired':
        this.#retiredCount -= 1;
        this.#use(block);
        return;
      default:
        throw new Error(`block ${block} has no contents to share`);
    }
  }

  /** Makes a full, computed block findable. The first block of a hash stays; false for another with the same contents. */
  register(block: number, hash: string): boolean {
    if (this.#place[block] !== 'used') throw new Error(`block ${block} is not in use and cannot be registered`);
    if (this.#blockOf.has(hash) || this.#hashOf[block] !== null) return false;
    this.#blockOf.set(hash, block);
    this.#hashOf[block] = hash;
    return true;
  }

  /** Gives a reference back. Without references the block is free once `lastStep`, the last step that used it, has ended. */
  release(block: number, lastStep: number): void {
    if (this.#place[block] !== 'used') throw new Error(`block ${block} is released more often than it was taken`);
    this.#references[block]! -= 1;
    if (this.#references[block]! > 0) return;
    this.#usedCount -= 1;
    if (lastStep <= this.#completedStep) {
      this.#free(block);
      return;
    }
    this.#place[block] = 'retired';
    this.#lastStep[block] = lastStep;
    this.#retiredCount += 1;
    this.#retired.push({ block, step: lastStep });
  }

  /** Says that all steps up to this one have ended. */
  completeStep(step: number): void {
    this.#completedStep = Math.max(this.#completedStep, step);
    let ended = 0;
    for (const { block, step: lastStep } of this.#retired) {
      if (lastStep > this.#completedStep) break;
      ended += 1;
      if (this.#place[block] !== 'retired' || this.#lastStep[block] !== lastStep) continue;
      this.#retiredCount -= 1;
      this.#free(block);
    }
    this.#retired.splice(0, ended);
  }

  get numFree(): number {
    return this.#plain.length + this.#idle.size;
  }

  statistics(): BlockPoolStatistics {
    const total = this.#place.length;
    const free = this.numFree;
    return { total, free, used: total - free, peak: this.#peak, cached: this.#blockOf.size };
  }

  #use(block: number): void {
    this.#place[block] = 'used';
    this.#references[block] = 1;
    this.#usedCount += 1;
    this.#peak = Math.max(this.#peak, this.#usedCount + this.#retiredCount);
  }

  #free(block: number): void {
    if (this.#hashOf[block] === null) {
      this.#place[block] = 'plain';
      this.#plain.push(block);
    } else {
      this.#place[block] = 'idle';
      this.#idle.append(block);
    }
  }

  #evict(): number | undefined {
    const block = this.#idle.takeFirst();
    const hash = block === undefined ? null : this.#hashOf[block];
    if (block === undefined || hash === null || hash === undefined) return block;
    this.#blockOf.delete(hash);
    this.#hashOf[block] = null;
    return block;
  }
}
