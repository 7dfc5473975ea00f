/** One text being computed: its tokens, how many of them the cache holds, and where. */
import { blockHash } from './block-hash.ts';
import type { ResolvedSamplingParams } from './sampling-params.ts';

/** Why an output ended: by a stop token or string, by maxTokens or the context's end, by its caller. */
export type FinishReason = 'stop' | 'length' | 'abort';

export interface TokenLogprob {
  readonly tokenId: number;
  /** Natural logarithm, by the logits before any sampling parameter. */
  readonly logprob: number;
  /** The likeliest tokens at this place, best first. */
  readonly top: readonly { readonly tokenId: number; readonly logprob: number }[];
}

type SequenceStatus = 'waiting' | 'running' | FinishReason;

/** What of a sequence's state row has been written: nothing yet, or all of it with a bias that does or does not ban stop tokens. */
export type WrittenState = 'nothing' | 'with ban' | 'without ban';

/**
 * Invariants: `tokens` is the prompt and then the output as far as it is known; steps under way draw `numUnknown` more.
 * Positions [0, numComputed) are in the cache, at `blocks[position div blockSize]`, and [numComputed, numScheduled) will be when
 * the steps under way have ended. While the sequence waits, it holds no block and no state row, and nothing of it is under way.
 */
export class Sequence {
  readonly id: number;
  readonly params: ResolvedSamplingParams;
  readonly tokens: number[];
  readonly numPrompt: number;
  /** By position of the prompt; null where not (yet) known. Empty when not asked for. */
  readonly promptLogprobs: (TokenLogprob | null)[];
  blocks: number[] = [];
  /** Leading blocks that the pool knows by hash. */
  numRegisteredBlocks = 0;
  numComputed = 0;
  numScheduled = 0;
  numUnknown = 0;
  /** Prompt tokens that a cached prefix spared, at the last admission. */
  numCached = 0;
  status: SequenceStatus = 'waiting';
  /** The row of the per-sequence state, -1 while waiting. */
  stateRow = -1;
  writtenState: WrittenState = 'nothing';
  /** Whether the sequence ends with its prompt: only the prompt's log-probabilities are wanted. */
  readonly scoreOnly: boolean;
  readonly #hashes: string[];

  /** Hashes of blocks start from `rootHash`. */
  constructor(
    id: number,
    prompt: readonly number[],
    params: ResolvedSamplingParams,
    rootHash: string,
    scoreOnly = false,
  ) {
    this.id = id;
    this.params = params;
    this.tokens = [...prompt];
    this.numPrompt = prompt.length;
    this.scoreOnly = scoreOnly;
    this.promptLogprobs = params.promptLogprobs === null ? [] : prompt.map(() => null);
    this.#hashes = [rootHash];
  }

  get numOutput(): number {
    return this.tokens.length - this.numPrompt;
  }

  get isFinished(): boolean {
    return this.status !== 'waiting' && this.status !== 'running';
  }

  /** Tokens, those included that steps under way draw. */
  get numTokens(): number {
    return this.tokens.length + this.numUnknown;
  }

  /**
   * Positions that a step could compute now. The last token that the output may have is not computed, and no more is that of a
   * prompt that is only scored: nothing follows them.
   */
  numRemaining(maxLength: number): number {
    const most = this.scoreOnly ? this.numPrompt : Math.min(this.numPrompt + this.params.maxTokens, maxLength);
    return Math.min(this.numTokens, most - 1) - this.numScheduled;
  }

  /** Whether the sampler must look at the state row to draw token `place`: a bias, a penalty, or stop tokens that may not come yet. */
  usesState(place: number): boolean {
    const { presencePenalty, frequencyPenalty, repetitionPenalty, logitBias } = this.params;
    if (logitBias.size > 0 || presencePenalty !== 0 || frequencyPenalty !== 0 || repetitionPenalty !== 1) return true;
    return this.bansStopTokens(place);
  }

  /** Whether token `place` may not be a stop token. */
  bansStopTokens(place: number): boolean {
    return place - this.numPrompt < this.params.minTokens && this.params.stopTokenIds.size > 0;
  }

  /** The hash of full block `index`, of this and all tokens before it. */
  hashOfBlock(index: number, blockSize: number): string {
    while (this.#hashes.length <= index + 1) {
      const parent = this.#hashes.at(-1)!;
      this.#hashes.push(blockHash(parent, this.tokens, (this.#hashes.length - 1) * blockSize, blockSize));
    }
    return this.#hashes[index + 1]!;
  }

  /** Whether the log-probability of the prompt's token after `position` is still wanted. */
  wantsPromptLogprob(position: number): boolean {
    return position + 1 < this.promptLogprobs.length && this.promptLogprobs[position + 1] === null;
  }

  /** Adds a drawn token: the first of the unknown ones, where there are any. */
  append(tokenId: number): void {
    this.tokens.push(tokenId);
    this.numUnknown = Math.max(0, this.numUnknown - 1);
  }
}
