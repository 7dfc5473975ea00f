/** Counts and times of everything an `LLM` has computed; the difference of two snapshots is that of the time between. */
import type { BlockPoolStatistics } from './block-pool.ts';
import type { ScheduledStep } from './scheduler.ts';

/**
 * Tokens, seconds and rates (tokens a second) of an `LLM` since it was opened, and its sequences and cache blocks as they are
 * now.
 */
export interface Statistics {
  /** Steps that the engine ran. */
  readonly steps: number;
  /** Tokens of steps that computed any token of a prompt. */
  readonly prefillTokens: number;
  /** Of those steps, in seconds. */
  readonly prefillSeconds: number;
  /** Null before the first such step. */
  readonly prefillTokensPerSecond: number | null;
  /** Tokens drawn by the other steps, one a sequence. */
  readonly decodeTokens: number;
  /** Of those steps, in seconds. */
  readonly decodeSeconds: number;
  /** Null before the first such step. */
  readonly decodeTokensPerSecond: number | null;
  /** Prompt tokens that a cached prefix spared. */
  readonly cachedTokens: number;
  /** Times that a sequence gave its blocks back, to be computed anew. */
  readonly preemptions: number;
  /** Sequences that have blocks now. */
  readonly running: number;
  /** Sequences that wait for a place in the batch now. */
  readonly waiting: number;
  /** The blocks of the cache now, and the most that were in use. */
  readonly blocks: BlockPoolStatistics;
}

/** A step that computes any token of a prompt counts as prefill as a whole; in a decode step each sequence draws one token. */
export class StepClock {
  #steps = 0;
  #prefillTokens = 0;
  #prefillSeconds = 0;
  #decodeTokens = 0;
  #decodeSeconds = 0;
  #cachedTokens = 0;

  /** To be called with the step before its tokens are appended. */
  count(step: ScheduledStep, seconds: number): void {
    this.#steps += 1;
    // What was computed for a sequence that had ended meanwhile nobody asked for.
    const sequences = step.sequences.filter(({ sequence }) => !sequence.isFinished);
    const numTokens = sequences.reduce((sum, { count }) => sum + count, 0);
    if (sequences.every(({ sequence, start }) => start >= sequence.numPrompt)) {
      this.#decodeTokens += numTokens;
      this.#decodeSeconds += seconds;
      return;
    }
    this.#prefillTokens += numTokens;
    this.#prefillSeconds += seconds;
    for (const { sequence, start } of sequences) {
      if (start === sequence.numCached) this.#cachedTokens += sequence.numCached;
    }
  }

  snapshot() {
    return {
      steps: this.#steps,
      prefillTokens: this.#prefillTokens,
      prefillSeconds: this.#prefillSeconds,
      prefillTokensPerSecond: rate(this.#prefillTokens, this.#prefillSeconds),
      decodeTokens: this.#decodeTokens,
      decodeSeconds: this.#decodeSeconds,
      decodeTokensPerSecond: rate(this.#decodeTokens, this.#decodeSeconds),
      cachedTokens: this.#cachedTokens,
    };
  }
}

function rate(tokens: number, seconds: number): number | null {
  return seconds > 0 ? tokens / seconds : null;
}
