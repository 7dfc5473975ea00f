/** A language model that answers: the engine's steps behind `generate`, `stream`, `chat` and `score`. */

import { rootHash } from './block-hash.ts';
import type { ChatMessage, ChatTemplate, ChatTemplateOptions } from './chat-template.ts';
import type { EngineLimits, StepEngine } from './engine-interface.ts';
import { WarpsmithError } from './errors.ts';
import { GenerationLoop } from './generation-loop.ts';
import type { ModelAssets } from './open-model.ts';
import { checkPrompt, encodePrompt, type Prompt, promptList } from './prompt.ts';
import { Request, type StreamChunk } from './request.ts';
import { resolveSamplingParams, type SamplingParams } from './sampling-params.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';
import { type FinishReason, Sequence, type TokenLogprob } from './sequence.ts';
import type { Statistics } from './statistics.ts';
import type { Tokenizer } from './tokenizer.ts';
import { checkVocabulary } from './tokenizer-shape.ts';

/** What belongs to one call and says nothing about sampling. */
export interface RequestOptions {
  /** Ends the output where it is, with `finishReason: 'abort'`; while a conversation is made a prompt, rejects with its reason. */
  readonly signal?: AbortSignal;
  /** For prompts that are conversations. */
  readonly chat?: ChatTemplateOptions;
}

/** One output: its text and tokens, why it ended, and what it took, in seconds. */
export interface GenerationResult {
  readonly promptTokenIds: readonly number[];
  readonly text: string;
  readonly tokenIds: readonly number[];
  /** One a token; null when not asked for, and so below. */
  readonly logprobs: readonly TokenLogprob[] | null;
  /** One a token of the prompt, the first null. */
  readonly promptLogprobs: readonly (TokenLogprob | null)[] | null;
  readonly finishReason: FinishReason;
  /** The stop string or stop token that ended the output. */
  readonly stopReason: string | number | null;
  /** Tokens of the prompt that a cached prefix spared. */
  readonly cachedTokens: number;
  /** From the call on; null when no token was drawn. */
  readonly secondsToFirstToken: number | null;
  readonly seconds: number;
}

/** A text under the model: natural logarithms of probabilities, one a token. */
export interface ScoreResult {
  readonly tokens: readonly number[];
  /** The log-probability of each token given those before it; the first has none. */
  readonly logprobs: readonly (number | null)[];
  /** exp of the mean of the negated log-probabilities; null for a single token. */
  readonly perplexity: number | null;
  /** The likeliest tokens at each place, as many as were asked for; the first place has none. */
  readonly top: readonly (TokenLogprob['top'] | null)[];
}

interface LLMParts {
  readonly engine: StepEngine;
  readonly assets: ModelAssets;
  readonly options?: LLMOptions;
}

/** How requests share the steps of an engine. */
export interface LLMOptions extends SchedulerOptions {
  /**
   * Submit a step before the results of the one before are known, so that the engine does not wait for the host; on unless said
   * otherwise. Outputs are the same.
   */
  readonly asyncScheduling?: boolean;
}

/** Calls may overlap: all of them share one batch. What a call returns does not depend on the others. */
export class LLM {
  readonly tokenizer: Tokenizer;
  readonly chatTemplate: ChatTemplate | null;
  readonly limits: EngineLimits;
  readonly #engine: StepEngine;
  readonly #assets: ModelAssets;
  readonly #scheduler: Scheduler;
  readonly #loop: GenerationLoop;
  readonly #rootHash = rootHash('');
  #nextId = 0;
  #closing: Promise<void> | null = null;

  /** Takes the engine over: `close` closes it. Throws `tokenizer-mismatch`. */
  constructor({ engine, assets, options }: LLMParts) {
    checkVocabulary(assets.tokenizer, engine.limits.vocabSize);
    this.tokenizer = assets.tokenizer;
    this.chatTemplate = assets.chatTemplate;
    this.limits = engine.limits;
    this.#engine = engine;
    this.#assets = assets;
    this.#scheduler = new Scheduler(engine.limits, options);
    this.#loop = new GenerationLoop(engine, this.#scheduler, options?.asyncScheduling ?? true);
  }

  /**
   * Continues each prompt; results in the order of the prompts. One set of parameters for all, or one each.
   * Throws a `WarpsmithError` before anything is computed if any prompt or parameter is wrong.
   */
  async generate(
    prompts: Prompt | readonly Prompt[],
    params: SamplingParams | readonly SamplingParams[] = {},
    options: RequestOptions = {},
  ): Promise<GenerationResult[]> {
    const list = promptList(prompts);
    const begun = list.map((prompt, place) => this.#request(prompt, paramsAt(params, place, list.length), options));
    // What is text or token ids joins the batch at once.
    const requests = begun.every((request) => request instanceof Request) ? begun : await Promise.all(begun);
    this.#loop.submit(requests);
    return this.#withAbort(requests, options.signal, () =>
      Promise.all(requests.map((request) => this.#collect(request))),
    );
  }

  /**
   * Continues one prompt, chunk by chunk; the work begins with the first chunk that is asked for. Leaving the loop early, or
   * the signal, ends it. Throws a `WarpsmithError` at the call if prompt or parameters are wrong; what is wrong with a conversation
   * is thrown where the first chunk is asked for.
   */
  stream(
    prompt: Prompt,
    params: SamplingParams = {},
    options: RequestOptions = {},
  ): AsyncGenerator<StreamChunk, void, undefined> {
    const request = this.#request(prompt, params, options);
    return this.#streamed(request, options.signal);
  }

  /** The assistant's next message. */
  async chat(
    messages: readonly ChatMessage[],
    params: SamplingParams = {},
    options: RequestOptions = {},
  ): Promise<GenerationResult> {
    const [result] = await this.generate([messages], params, options);
    return result!;
  }

  /** The log-probability of every token given those before it. `top`: how many likeliest tokens to report beside. */
  async score(
    input: string | readonly number[],
    { top = 0, signal }: { top?: number; signal?: AbortSignal } = {},
  ): Promise<ScoreResult> {
    this.#checkOpen();
    const tokens = await encodePrompt(input, this.#assets);
    checkPrompt(tokens, { vocabSize: this.limits.vocabSize, maxTokens: this.#scheduler.maxLength });
    const params = resolveSamplingParams(
      { temperature: 0, promptLogprobs: top, ignoreEos: true },
      this.#assets.generationDefaults,
      this.limits,
    );
    const request = new Request(this.#sequence(tokens, params, true), this.tokenizer);
    if (tokens.length > 1) {
      this.#loop.submit([request]);
      const { finishReason } = await this.#withAbort([request], signal, () => this.#collect(request));
      if (finishReason === 'abort') throw signal?.reason ?? closedError();
    }
    return scoreResult(tokens, request.sequence.promptLogprobs);
  }

  /** Tokens, seconds and blocks since the model was loaded. */
  statistics(): Statistics {
    return this.#loop.statistics();
  }

  /** Ends what is under way, then closes the engine. */
  close(): Promise<void> {
    this.#closing ??= this.#loop.stop().then(() => this.#engine.close());
    return this.#closing;
  }

  #request(prompt: Prompt, params: SamplingParams, options: RequestOptions): Request | Promise<Request> {
    this.#checkOpen();
    const resolved = resolveSamplingParams(params, this.#assets.generationDefaults, this.limits);
    const requestOf = (tokens: readonly number[]): Request => {
      // A token must have room to be drawn.
      checkPrompt(tokens, { vocabSize: this.limits.vocabSize, maxTokens: this.#scheduler.maxLength - 1 });
      return new Request(this.#sequence(tokens, resolved, false), this.tokenizer);
    };
    const tokens = encodePrompt(prompt, this.#assets, options.chat, options.signal);
    if (!(tokens instanceof Promise)) return requestOf(tokens);
    const request = tokens.then(requestOf);
    // It may fail before anyone waits for it.
    request.catch(() => {});
    return request;
  }

  #sequence(tokens: readonly number[], params: ReturnType<typeof resolveSamplingParams>, scoreOnly: boolean): Sequence {
    this.#nextId += 1;
    return new Sequence(this.#nextId, tokens, params, this.#rootHash, scoreOnly);
  }

  async *#streamed(
    begun: Request | Promise<Request>,
    signal?: AbortSignal,
  ): AsyncGenerator<StreamChunk, void, undefined> {
    const request = begun instanceof Request ? begun : await begun;
    this.#checkOpen();
    this.#loop.submit([request]);
    yield* this.#chunks(request, signal);
  }

  async *#chunks(request: Request, signal?: AbortSignal): AsyncGenerator<StreamChunk, void, undefined> {
    const abort = () => this.#loop.abort(request);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      yield* request.chunks();
    } finally {
      signal?.removeEventListener('abort', abort);
      if (!request.isFinished) abort();
    }
  }

  /** One listener for all of a call: Node warns of an eleventh. */
  async #withAbort<T>(
    requests: readonly Request[],
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const abort = () => {
      for (const request of requests) this.#loop.abort(request);
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await work();
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #collect(request: Request): Promise<GenerationResult> {
    const chunks: StreamChunk[] = [];
    for await (const chunk of this.#chunks(request)) chunks.push(chunk);
    const last = chunks.at(-1)!;
    const { sequence, submittedAt, firstTokenAt, finishedAt } = request;
    const { params } = sequence;
    return {
      promptTokenIds: sequence.tokens.slice(0, sequence.numPrompt),
      text: chunks.map(({ text }) => text).join(''),
      tokenIds: chunks.flatMap(({ tokenIds }) => tokenIds),
      logprobs: params.logprobs === null ? null : chunks.flatMap(({ logprobs }) => logprobs ?? []),
      promptLogprobs: params.promptLogprobs === null ? null : sequence.promptLogprobs,
      finishReason: last.finishReason ?? 'abort',
      stopReason: last.stopReason,
      cachedTokens: sequence.numCached,
      secondsToFirstToken: firstTokenAt === null ? null : (firstTokenAt - submittedAt) / 1000,
      seconds: ((finishedAt ?? performance.now()) - submittedAt) / 1000,
    };
  }

  #checkOpen(): void {
    if (this.#closing) throw closedError();
  }
}

function paramsAt(params: SamplingParams | readonly SamplingParams[], place: number, count: number): SamplingParams {
  if (!isParamsList(params)) return params;
  const own = params[place];
  if (own && params.length === count) return own;
  throw new WarpsmithError({
    code: 'sampling-params-invalid',
    message: `${count} prompts came with ${params.length} sets of sampling parameters.`,
    mend: 'Give one set for all prompts, or one for each.',
  });
}

function isParamsList(params: SamplingParams | readonly SamplingParams[]): params is readonly SamplingParams[] {
  return Array.isArray(params);
}

function scoreResult(tokens: readonly number[], scored: readonly (TokenLogprob | null)[]): ScoreResult {
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

function closedError(): WarpsmithError {
  return new WarpsmithError({ code: 'llm-closed', message: 'The model has been closed.', mend: 'Load it again.' });
}
