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

/**
 * Invariants: `tokens` is the prompt and then the output; positions [0, numComputed) are in the cache, at
 * `blocks[position div blockSize]`; while the sequence waits, it holds no block and no state row.
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
  /** Prompt tokens that a cached prefix spared, at the last admission. */
  numCached = 0;
  status: SequenceStatus = 'waiting';
  /** The row of the per-sequence state, -1 while waiting. */
  stateRow = -1;
  /** Whether the state row must be written before the next step. */
  stateStale = true;
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

  /** Tokens to compute before the next is known. Nothing follows the last token of a prompt that is only scored. */
  get numRemaining(): number {
    return this.tokens.length - (this.scoreOnly ? 1 : 0) - this.numComputed;
  }

  /** Whether the sampler must look at the state row: a bias, a penalty, or stop tokens that may not come yet. */
  get usesState(): boolean {
    const { presencePenalty, frequencyPenalty, repetitionPenalty, logitBias } = this.params;
    if (logitBias.size > 0 || presencePenalty !== 0 || frequencyPenalty !== 0 || repetitionPenalty !== 1) return true;
    return this.bansStopTokens;
  }

  get bansStopTokens(): boolean {
    return this.numOutput < this.params.minTokens && this.params.stopTokenIds.size > 0;
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

  /** Adds a drawn token; a ban of stop tokens may be lifted by it. */
  append(tokenId: number): void {
    const banned = this.bansStopTokens;
    this.tokens.push(tokenId);
    if (banned !== this.bansStopTokens) this.stateStale = true;
  }
}
