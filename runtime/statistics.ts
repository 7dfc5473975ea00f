/** Counts and times of everything an `LLM` has computed; the difference of two snapshots is that of the time between. */
import type { BlockPoolStatistics } from './block-pool.ts';
import type { ScheduledStep } from './scheduler.ts';

/**
 * Tokens, seconds and rates (tokens a second) of an `LLM` since it was opened, and its sequences and cache blocks as they are
 * now.
 */
export interface Statistics {
  readonly steps: number;
  readonly prefillTokens: number;
  readonly prefillSeconds: number;
  /** Null before the first such step. */
  readonly prefillTokensPerSecond: number | null;
  readonly decodeTokens: number;
  readonly decodeSeconds: number;
  readonly decodeTokensPerSecond: number | null;
  /** Prompt tokens that a cached prefix spared. */
  readonly cachedTokens: number;
  readonly preemptions: number;
  readonly running: number;
  readonly waiting: number;
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
