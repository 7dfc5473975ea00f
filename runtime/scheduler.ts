/**
 * Which tokens of which sequences a step computes: continuous batching with chunked prefill, admission by free blocks, and
 * preemption by recomputation. What a sequence gets never depends on this: only when.
 */
import { BlockPool, type BlockPoolStatistics } from './block-pool.ts';
import { allocateForAdmission, cachedPrefix, registerComputedBlocks } from './cache-blocks.ts';
import type { EngineLimits } from './engine-interface.ts';
import { throwProblems, WarpsmithError } from './errors.ts';
import type { FinishReason, Sequence } from './sequence.ts';

export interface SchedulerOptions {
  /** Tokens of one prompt in one step, at most. */
  readonly prefillChunk?: number;
  /** Reuse blocks of equal prefixes; on unless said otherwise. */
  readonly enablePrefixCaching?: boolean;
  /** Sequences in a step, at most; the engine's limit stands above it. */
  readonly maxSequences?: number;
  /** Sequences that may wait; a further one is refused. Unlimited unless said otherwise. */
  readonly maxWaiting?: number;
}

/** A sequence's share of a step: its tokens at positions [start, start + count). */
export interface ScheduledSequence {
  readonly sequence: Sequence;
  readonly start: number;
  readonly count: number;
  /** Positions whose logits are wanted, ascending. */
  readonly rowPositions: readonly number[];
  /** Whether the last of them draws the sequence's next token; elsewhere a token of the prompt is scored. */
  readonly draws: boolean;
}

export interface ScheduledStep {
  readonly number: number;
  readonly sequences: readonly ScheduledSequence[];
  readonly numTokens: number;
  readonly numRows: number;
}

export class Scheduler {
  readonly #limits: EngineLimits;
  readonly #pool: BlockPool;
  readonly #prefillChunk: number;
  readonly #maxSequences: number;
  readonly #maxWaiting: number;
  readonly #caching: boolean;
  readonly #waiting: Sequence[] = [];
  /** In the order of admission: the last is the first to be preempted. */
  readonly #running: Sequence[] = [];
  readonly #freeStateRows: number[];
  /** The last step scheduled, and the last that ended. */
  #step = 0;
  #completedStep = 0;
  #preemptions = 0;

  /** Throws `option-invalid`. */
  constructor(limits: EngineLimits, options: SchedulerOptions = {}) {
    checkOptions(options);
    this.#limits = limits;
    this.#pool = new BlockPool(limits.numBlocks);
    this.#prefillChunk = Math.min(options.prefillChunk ?? limits.maxTokens, limits.maxTokens);
    this.#maxSequences = Math.min(options.maxSequences ?? limits.maxSequences, limits.maxSequences);
    this.#maxWaiting = options.maxWaiting ?? Number.POSITIVE_INFINITY;
    this.#caching = options.enablePrefixCaching ?? true;
    this.#freeStateRows = Array.from({ length: limits.maxSequences }, (_, row) => limits.maxSequences - 1 - row);
  }

  /** Tokens a sequence may have: the context, or what the whole cache holds if that is less. */
  get maxLength(): number {
    const { maxModelLen, maxBlocksPerSequence, numBlocks, blockSize } = this.#limits;
    return Math.min(maxModelLen, Math.min(maxBlocksPerSequence, numBlocks) * blockSize);
  }

  get hasWork(): boolean {
    return this.#waiting.length + this.#running.length > 0;
  }

  /** Throws `queue-full`. */
  add(...sequences: readonly Sequence[]): void {
    const room = this.#maxWaiting + this.#maxSequences - this.#running.length - this.#waiting.length;
    if (sequences.length > room) {
      throw new WarpsmithError({
        code: 'queue-full',
        message: `${this.#waiting.length} requests wait already; ${sequences.length} more are above the limit.`,
        mend: 'Send fewer requests at a time, or raise maxWaiting.',
      });
    }
    this.#waiting.push(...sequences);
  }

  /**
   * The next step, or null when nothing can be computed before a step under way has ended: a sequence's next token is computed
   * before the host knows it, but who is preempted is only decided when all tokens are known. Decodes come first, so that a
   * long prompt delays none of them.
   */
  schedule(): ScheduledStep | null {
    const step = new StepBudget(this.#limits, this.maxLength);
    for (const sequence of this.#running.filter((one) => one.numRemaining(this.maxLength) === 1)) {
      if (sequence.status !== 'running' || !step.hasRoomFor(sequence)) continue;
      const growth = this.#growTo(sequence, sequence.numScheduled + 1);
      if (growth === 'waits') return null;
      if (growth === 'grown') step.take(sequence, 1);
    }
    // A prompt holds all its blocks since its admission: computing it takes none.
    for (const sequence of this.#running) this.#schedulePrefill(sequence, step);
    this.#admit(step);
    if (step.sequences.length === 0) return null;
    for (const { sequence, start, count, draws } of step.sequences) {
      sequence.numScheduled = start + count;
      if (draws) sequence.numUnknown += 1;
    }
    this.#step += 1;
    return { number: this.#step, sequences: step.sequences, numTokens: step.numTokens, numRows: step.numRows };
  }

  /** Says that the step has been computed: its positions are in the cache, and its full blocks can be shared. */
  complete({ number, sequences }: ScheduledStep): void {
    this.#completedStep = number;
    this.#pool.completeStep(number);
    for (const { sequence, start, count } of sequences) {
      if (sequence.isFinished) continue;
      sequence.numComputed = start + count;
      if (this.#caching) registerComputedBlocks(sequence, this.#pool, this.#limits.blockSize);
    }
  }

  /** Ends a sequence, in a step or between two; nothing of it is computed any more. */
  finish(sequence: Sequence, reason: FinishReason): void {
    if (sequence.isFinished) return;
    const list = sequence.status === 'running' ? this.#running : this.#waiting;
    list.splice(list.indexOf(sequence), 1);
    this.#giveBack(sequence);
    sequence.status = reason;
  }

  statistics(): {
    readonly waiting: number;
    readonly running: number;
    readonly preemptions: number;
    readonly blocks: BlockPoolStatistics;
  } {
    const blocks = this.#pool.statistics();
    return { waiting: this.#waiting.length, running: this.#running.length, preemptions: this.#preemptions, blocks };
  }

  #schedulePrefill(sequence: Sequence, step: StepBudget): void {
    if (step.has(sequence) || !step.hasRoomFor(sequence)) return;
    step.take(sequence, Math.min(sequence.numRemaining(this.maxLength), this.#prefillChunk));
  }

  /** First come, first served: whoever does not fit keeps the later ones waiting, so that nobody waits for ever. */
  #admit(step: StepBudget): void {
    while (this.#running.length < this.#maxSequences && step.hasTokens) {
      const sequence = this.#waiting[0];
      if (!sequence) return;
      const prefix = this.#caching ? cachedPrefix(sequence, this.#pool, this.#limits.blockSize) : [];
      // A block for each running sequence stays free: admitting one must not preempt another at the next step, and one
      // that was just preempted stays out.
      if (!allocateForAdmission(sequence, prefix, this.#pool, this.#limits.blockSize, this.#running.length)) return;
      this.#waiting.shift();
      this.#running.push(sequence);
      sequence.status = 'running';
      sequence.stateRow = this.#freeStateRows.pop()!;
      sequence.writtenState = 'nothing';
      this.#schedulePrefill(sequence, step);
    }
  }

  /** Gives the sequence blocks for `length` tokens, from the latest ones if it must; `lost` if it was itself the latest. */
  #growTo(sequence: Sequence, length: number): 'grown' | 'lost' | 'waits' {
    while (sequence.blocks.length * this.#limits.blockSize < length) {
      const block = this.#pool.allocate();
      if (block !== undefined) {
        sequence.blocks.push(block);
        continue;
      }
      if (this.#completedStep < this.#step) return 'waits';
      const latest = this.#running.at(-1)!;
      this.#preempt(latest);
      if (latest === sequence) return 'lost';
    }
    return 'grown';
  }

  #preempt(sequence: Sequence): void {
    this.#running.splice(this.#running.indexOf(sequence), 1);
    this.#giveBack(sequence);
    sequence.status = 'waiting';
    this.#waiting.unshift(sequence);
    this.#preemptions += 1;
  }

  /** In reverse, so that the end of a cached prefix is forgotten before its beginning. */
  #giveBack(sequence: Sequence): void {
    for (const block of sequence.blocks.toReversed()) this.#pool.release(block, this.#step);
    sequence.blocks = [];
    sequence.numRegisteredBlocks = 0;
    sequence.numComputed = 0;
    sequence.numScheduled = 0;
    if (sequence.stateRow >= 0) this.#freeStateRows.push(sequence.stateRow);
    sequence.stateRow = -1;
  }
}

function checkOptions({ prefillChunk, maxSequences, maxWaiting }: SchedulerOptions): void {
  const counts = { prefillChunk, maxSequences, maxWaiting };
  const wrong = Object.entries(counts).filter(([name, value]) => {
    return value !== undefined && !(value >= (name === 'maxWaiting' ? 0 : 1) && Math.floor(value) === value);
  });
  throwProblems(
    wrong.map(([name, value]) => {
      return {
        code: 'option-invalid',
        message: `${name} is ${value}.`,
        mend: `Give a whole number above 0 for ${name}.`,
      };
    }),
  );
}

/** What of the engine's limits a step has left. */
class StepBudget {
  readonly sequences: ScheduledSequence[] = [];
  readonly #members = new Set<Sequence>();
  readonly #limits: EngineLimits;
  readonly #maxLength: number;
  numTokens = 0;
  numRows = 0;

  constructor(limits: EngineLimits, maxLength: number) {
    this.#limits = limits;
    this.#maxLength = maxLength;
  }

  get hasTokens(): boolean {
    return this.numTokens < this.#limits.maxTokens && this.sequences.length < this.#limits.maxSequences;
  }

  has(sequence: Sequence): boolean {
    return this.#members.has(sequence);
  }

  hasRoomFor(sequence: Sequence): boolean {
    const needsRow = sequence.numRemaining(this.#maxLength) === 1 || sequence.promptLogprobs.length > 0;
    return this.hasTokens && (!needsRow || this.numRows < this.#limits.maxRows);
  }

  /** Takes up to `wanted` tokens, fewer where tokens or rows run out. */
  take(sequence: Sequence, wanted: number): void {
    const start = sequence.numScheduled;
    const rowPositions: number[] = [];
    let count = 0;
    let draws = false;
    while (count < Math.min(wanted, this.#limits.maxTokens - this.numTokens)) {
      const position = start + count;
      const isLast = !sequence.scoreOnly && position === sequence.numTokens - 1;
      if (isLast || sequence.wantsPromptLogprob(position)) {
        if (this.numRows + rowPositions.length === this.#limits.maxRows) break;
        rowPositions.push(position);
      }
      draws = isLast;
      count += 1;
    }
    if (count === 0) return;
    this.#members.add(sequence);
    this.sequences.push({ sequence, start, count, rowPositions, draws });
    this.numTokens += count;
    this.numRows += rowPositions.length;
  }
}
