/** One request: a sequence, its text as it comes, and whoever waits for it. */
import { Detokenizer, type PieceSource } from './detokenizer.ts';
import type { FinishReason, Sequence, TokenLogprob } from './sequence.ts';
import { StopStrings } from './stop-strings.ts';

/** What has come since the last chunk. Concatenated, the chunks' texts and tokens are the whole output. */
export interface StreamChunk {
  /** Whole characters only; held back while it could be the beginning of a stop string. */
  readonly text: string;
  /** A stop token is among them, and not in the text. */
  readonly tokenIds: readonly number[];
  /** One a token; null when not asked for. */
  readonly logprobs: readonly TokenLogprob[] | null;
  /** Null but in the last chunk. */
  readonly finishReason: FinishReason | null;
  /** The stop string or stop token that ended the output. */
  readonly stopReason: string | number | null;
}

export class Request {
  readonly sequence: Sequence;
  readonly #detokenizer: Detokenizer;
  readonly #stopStrings: StopStrings;
  #text = '';
  #tokenIds: number[] = [];
  #logprobs: TokenLogprob[] = [];
  #finished: { readonly reason: FinishReason; readonly stopReason: string | number | null } | null = null;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;
  readonly submittedAt = performance.now();
  firstTokenAt: number | null = null;
  finishedAt: number | null = null;

  constructor(sequence: Sequence, tokenizer: PieceSource) {
    this.sequence = sequence;
    this.#detokenizer = new Detokenizer(tokenizer);
    this.#stopStrings = new StopStrings(sequence.params.stop);
  }

  get isFinished(): boolean {
    return this.#finished !== null || this.#failure !== null;
  }

  /** Takes a drawn token, which the sequence has already; says why it ends the output, or null. */
  accept(token: TokenLogprob, maxLength: number): FinishReason | null {
    const { params, numOutput, tokens } = this.sequence;
    this.firstTokenAt ??= performance.now();
    this.#tokenIds.push(token.tokenId);
    this.#logprobs.push(token);
    if (params.stopTokenIds.has(token.tokenId) && numOutput > params.minTokens) return this.end('stop', token.tokenId);
    const piece = this.#detokenizer.push(token.tokenId);
    const stopString = numOutput < params.minTokens ? this.#pass(piece) : this.#print(piece);
    if (stopString !== null) return this.#settle('stop', stopString);
    if (numOutput >= params.maxTokens || tokens.length >= maxLength) return this.end('length');
    this.#notify();
    return null;
  }

  /** Ends the output with all text that was held back. */
  end(reason: FinishReason, stopReason: string | number | null = null): FinishReason {
    if (this.isFinished) return reason;
    // An incomplete character is printed as U+FFFD, so that the text is the decoding of the tokens; it may complete a stop string.
    const stopString = this.#print(this.#detokenizer.end());
    if (stopString !== null && stopReason === null && reason !== 'abort') return this.#settle('stop', stopString);
    this.#text += this.#stopStrings.end();
    return this.#settle(reason, stopReason);
  }

  fail(error: unknown): void {
    if (this.isFinished) return;
    this.#failure = { error };
    this.#notify();
  }

  /** Chunks as they come; those that come while nobody waits are joined. Throws what the engine failed with. */
  async *chunks(): AsyncGenerator<StreamChunk, void, undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const last = this.#finished !== null;
      if (last || this.#text !== '' || this.#tokenIds.length > 0) yield this.#take();
      if (last) return;
      if (!this.isFinished && this.#tokenIds.length === 0) await this.#news();
    }
  }

  #take(): StreamChunk {
    const chunk: StreamChunk = {
      text: this.#text,
      tokenIds: this.#tokenIds,
      logprobs: this.sequence.params.logprobs === null ? null : this.#logprobs,
      finishReason: this.#finished?.reason ?? null,
      stopReason: this.#finished?.stopReason ?? null,
    };
    this.#text = '';
    this.#tokenIds = [];
    this.#logprobs = [];
    return chunk;
  }

  /** Prints up to a stop string, which it returns. */
  #print(piece: string): string | null {
    const { text, matched } = this.#stopStrings.push(piece);
    this.#text += text;
    return matched;
  }

  /** Prints without looking for stop strings: the least number of tokens is not yet reached. */
  #pass(piece: string): null {
    this.#text += piece;
    return null;
  }

  #settle(reason: FinishReason, stopReason: string | number | null): FinishReason {
    this.#finished = { reason, stopReason };
    this.finishedAt = performance.now();
    this.#notify();
    return reason;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
