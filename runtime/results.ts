/** What a caller of an `LLM` gets back. */
import type { FinishReason, TokenLogprob } from './sequence.ts';

/** One output: its text and tokens, why it ended, and what it took, in seconds. */
export interface GenerationResult {
  /** Ids of the prompt's tokens, those of its template included. */
  readonly promptTokenIds: readonly number[];
  /** Without the stop string. */
  readonly text: string;
  /** Ids of the tokens drawn, the stop token included. */
  readonly tokenIds: readonly number[];
  /** One a token; null when not asked for, and so below. */
  readonly logprobs: readonly TokenLogprob[] | null;
  /** One a token of the prompt, the first null. */
  readonly promptLogprobs: readonly (TokenLogprob | null)[] | null;
  /** Why it ended: OpenAI's `stop` and `length`, or `abort` by its caller. */
  readonly finishReason: FinishReason;
  /** The stop string or stop token that ended the output. */
  readonly stopReason: string | number | null;
  /** Tokens of the prompt that a cached prefix spared. */
  readonly cachedTokens: number;
  /** From the call to the first token drawn; null when none was. */
  readonly secondsToFirstToken: number | null;
  /** From the call to the last token, in seconds. */
  readonly seconds: number;
}

/** A text under the model: natural logarithms of probabilities, one a token. */
export interface ScoreResult {
  /** Token ids of the text. */
  readonly tokens: readonly number[];
  /** The log-probability of each token given those before it; the first has none. */
  readonly logprobs: readonly (number | null)[];
  /** exp of the mean of the negated log-probabilities, from 1 on; null for a single token. */
  readonly perplexity: number | null;
  /** The likeliest tokens at each place, as many as were asked for; the first place has none. */
  readonly top: readonly (TokenLogprob['top'] | null)[];
}

/** Of tokens and what was scored of them, of the first nothing. */
export function scoreResult(tokens: readonly number[], scored: readonly (TokenLogprob | null)[]): ScoreResult {
  const logprobs = scored.map((entry) => entry?.logprob ?? null);
  const known = logprobs.filter((logprob) => logprob !== null);
  const mean = known.reduce((sum, logprob) => sum + logprob, 0) / known.length;
  return {
    tokens,
    logprobs,
    perplexity: known.length === 0 ? null : Math.exp(-mean),
    top: scored.map((entry) => entry?.top ?? null),
  };
}
