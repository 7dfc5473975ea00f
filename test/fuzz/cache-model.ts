/**
 * A cache of keys and values that knows what every position was computed from: what a scheduler's steps read and write is
 * checked against it, and the pool's books against those of the sequences.
 */
import type { ScheduledStep, Scheduler } from '../../runtime/scheduler.ts';
import type { Sequence } from '../../runtime/sequence.ts';

/** The keys of a position depend on its token and all before it: `tokens` up to `length`. */
interface Computed {
  readonly tokens: readonly number[];
  readonly length: number;
}

/** A step that has not ended, and the blocks that it reads or writes, each with whose they are. */
interface UnderWay {
  readonly step: ScheduledStep;
  readonly blocks: ReadonlyMap<number, readonly Sequence[]>;
}

export class CacheModel {
  readonly #scheduler: Scheduler;
  readonly #blockSize: number;
  readonly #positions = new Map<number, Computed>();
  readonly #underWay: UnderWay[] = [];

  constructor(scheduler: Scheduler, blockSize: number) {
    this.#scheduler = scheduler;
    this.#blockSize = blockSize;
  }

  get stepsUnderWay(): number {
    return this.#underWay.length;
  }

  /** Throws where the step reads what is not there, or writes where it must not. */
  submit(step: ScheduledStep): void {
    for (const { sequence, start, count } of step.sequences) {
      for (let position = 0; position < start; position++) this.#read(sequence, position);
      for (let position = start; position < start + count; position++) this.#write(sequence, position);
    }
    const blocks = new Map<number, Sequence[]>();
    for (const { sequence } of step.sequences)
      for (const block of sequence.blocks) blocks.set(block, [...(blocks.get(block) ?? []), sequence]);
    this.#underWay.push({ step, blocks });
  }

  /** Ends the step that was submitted first. The next tokens of its sequences are drawn by `draw`. */
  complete(draw: () => number): void {
    const first = this.#underWay.shift();
    if (first === undefined) return;
    this.#scheduler.complete(first.step);
    for (const { sequence, draws } of first.step.sequences) {
      if (!draws || sequence.isFinished) continue;
      sequence.append(draw());
      const isFull = sequence.tokens.length >= this.#scheduler.maxLength;
      if (isFull || sequence.numOutput >= sequence.params.maxTokens) this.#scheduler.finish(sequence, 'length');
    }
  }

  /** Blocks that some sequence holds or a step under way still touches are the ones that the pool counts as used. */
  checkBooks(sequences: readonly Sequence[]): void {
    const held = new Set(sequences.flatMap(({ blocks }) => blocks));
    for (const { blocks } of this.#underWay) for (const block of blocks.keys()) held.add(block);
    const { used, total, free } = this.#scheduler.statistics().blocks;
    if (free + used !== total) throw new Error(`${free} blocks are free and ${used} used, of ${total}`);
    if (used < held.size) throw new Error(`${held.size} blocks are held, and the pool counts ${used}`);
    if (this.#underWay.length === 0 && used !== held.size) throw new Error(`${used - held.size} blocks are lost`);
  }

  #slot(sequence: Sequence, position: number): number {
    const block = sequence.blocks[Math.floor(position / this.#blockSize)];
    if (block === undefined) throw new Error(`position ${position} has no block`);
    return block * this.#blockSize + (position % this.#blockSize);
  }

  #read(sequence: Sequence, position: number): void {
    const found = this.#positions.get(this.#slot(sequence, position));
    const isOwn = found?.tokens === sequence.tokens && found.length === position + 1;
    const isEqual =
      found?.length === position + 1 &&
      sequence.tokens.slice(0, position + 1).every((token, place) => token === found.tokens[place]);
    if (!isOwn && !isEqual) throw new Error(`position ${position} reads the keys of other tokens`);
  }

  #write(sequence: Sequence, position: number): void {
    const slot = this.#slot(sequence, position);
    const block = Math.floor(slot / this.#blockSize);
    for (const { blocks } of this.#underWay)
      for (const other of blocks.get(block) ?? [])
        if (other !== sequence)
          throw new Error(`block ${block} is written while a step of another sequence is under way`);
    this.#positions.set(slot, { tokens: sequence.tokens, length: position + 1 });
  }
}
