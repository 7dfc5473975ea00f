/** A doubly linked list over block numbers in two flat arrays: append, remove anywhere and take the first in O(1). */
export class LinkedBlocks {
  /** Entry `numBlocks` is the ring's anchor; -1: not in the list. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #anchor: number;
  #size = 0;

  constructor(numBlocks: number) {
    this.#anchor = numBlocks;
    this.#next = new Int32Array(numBlocks + 1).fill(-1);
    this.#previous = new Int32Array(numBlocks + 1).fill(-1);
    this.#next[numBlocks] = numBlocks;
    this.#previous[numBlocks] = numBlocks;
  }

  get size(): number {
    return this.#size;
  }

  append(block: number): void {
    if (this.#next[block] !== -1) throw new Error(`block ${block} is in the list already`);
    const last = this.#previous[this.#anchor]!;
    this.#link(last, block);
    this.#link(block, this.#anchor);
    this.#size += 1;
  }

  remove(block: number): void {
    if (block === this.#anchor || this.#next[block] === -1) throw new Error(`block ${block} is not in the list`);
    this.#link(this.#previous[block]!, this.#next[block]!);
    this.#next[block] = -1;
    this.#previous[block] = -1;
    this.#size -= 1;
  }

  takeFirst(): number | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#next[this.#anchor]!;
    this.remove(first);
    return first;
  }

  #link(before: number, after: number): void {
    this.#next[before] = after;
    this.#previous[after] = before;
  }
}
