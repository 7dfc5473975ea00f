/** A language model that answers: the engine's steps behind `generate`, `stream`, `chat` and `score`. */

import { rootHash } from './block-hash.ts';
import type { ChatMessage, ChatTemplate, ChatTemplateOptions } from './chat-template.ts';
import type { EngineLimits, StepEngine } from './engine-interface.ts';
import { WarpsmithError } from './errors.ts';
import { GenerationLoop } from './generation-loop.ts';
import type { ModelAssets } from './open-model.ts';
import { checkPrompt, encodePrompt, type Prompt, promptList } from './prompt.ts';
import { Request, type StreamChunk } from './request.ts';
import { type GenerationResult, type ScoreResult, scoreResult } from './results.ts';
import { resolveSamplingParams, type SamplingParams } from './sampling-params.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';
import { Sequence } from './sequence.ts';
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
  /** The checkpoint's own: text to token ids and back. */
  readonly tokenizer: Tokenizer;
  /** Null for a checkpoint that is not one of chat. */
  readonly chatTemplate: ChatTemplate | null;
  /** What the engine was made for: tokens and sequences a step, blocks of the cache, tokens a sequence. */
  readonly limits: EngineLimits;
  readonly #engine: StepEngine;
  readonly #assets: ModelAssets;
  readonly #scheduler: Scheduler;
  readonly #loop: GenerationLoop;
  readonly #rootHash = rootHash('');
  #nextId = 0;
  #closing: Promise<void> | null = null;

  /**
   * Takes the engine over: `close` closes it.
   *
   * @throws WarpsmithError `tokenizer-mismatch` for a tokenizer with more ids than the model has, `option-invalid` for options of scheduling.
   */
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
   *
   * @throws WarpsmithError before anything is computed: `sampling-params-invalid`, `prompt-empty`, `prompt-invalid`, `prompt-too-long`,
   * `chat-template-missing`, `chat-template-invalid`, `queue-full`, `llm-closed`; later `engine-failed`. The signal's reason, while a
   * conversation is made a prompt.
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
   * the signal, ends it.
   *
   * @throws WarpsmithError at the call if prompt or parameters are wrong, as `generate` does; what is wrong with a conversation
   * (`chat-template-invalid`, `prompt-too-long`), `queue-full`, `llm-closed` and `engine-failed` where a chunk is asked for.
   */
  stream(
    prompt: Prompt,
    params: SamplingParams = {},
    options: RequestOptions = {},
  ): AsyncGenerator<StreamChunk, void, undefined> {
    const request = this.#request(prompt, params, options);
    return this.#streamed(request, options.signal);
  }

  /**
   * The assistant's next message: OpenAI's chat completion of one choice.
   *
   * @throws WarpsmithError as `generate` does, `chat-template-missing` and `chat-template-invalid` first of all.
   */
  async chat(
    messages: readonly ChatMessage[],
    params: SamplingParams = {},
    options: RequestOptions = {},
  ): Promise<GenerationResult> {
    const [result] = await this.generate([messages], params, options);
    return result!;
  }

  /**
   * The log-probability, a natural logarithm, of every token given those before it. `top`: how many likeliest tokens to report beside.
   *
   * @throws WarpsmithError `prompt-empty`, `prompt-invalid`, `prompt-too-long`, `sampling-params-invalid` for a `top` beyond what the engine
   * reports, `queue-full`, `llm-closed`, `engine-failed`; the signal's reason.
   */
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

  /**
   * Ends what is under way with `finishReason: 'abort'`, then closes the engine. A second call waits for the first.
   *
   * @throws nothing of the user's making.
   */
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

function closedError(): WarpsmithError {
  return new WarpsmithError({ code: 'llm-closed', message: 'The model has been closed.', mend: 'Load it again.' });
}
