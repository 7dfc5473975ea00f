/**
 * Drives the engine for all requests at once: schedule, step, deliver, until nobody waits. A step is submitted before the results
 * of the one before are known, so that the engine computes while tokens are delivered and the next step is prepared; what it
 * computes for a sequence that has ended meanwhile is passed over.
 */
import type { StepEngine, StepResult } from './engine-interface.ts';
import { WarpsmithError } from './errors.ts';
import type { Request } from './request.ts';
import type { ScheduledStep, Scheduler } from './scheduler.ts';
import type { Sequence, TokenLogprob } from './sequence.ts';
import { writeStateRow } from './state-rows.ts';
import { type Statistics, StepClock } from './statistics.ts';
import { StepBatchBuilder } from './step-batch.ts';

/** A step that was submitted. */
interface StepUnderWay {
  readonly step: ScheduledStep;
  readonly ticket: number;
  readonly submittedAt: number;
}

export class GenerationLoop {
  readonly #engine: StepEngine;
  readonly #scheduler: Scheduler;
  readonly #builder: StepBatchBuilder;
  readonly #clock = new StepClock();
  readonly #requests = new Map<Sequence, Request>();
  readonly #mostUnderWay: number;
  readonly #underWay: StepUnderWay[] = [];
  #lastEnd = 0;
  #running: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  /** `runsAhead`: whether a step is submitted while another is under way. */
  constructor(engine: StepEngine, scheduler: Scheduler, runsAhead: boolean) {
    this.#mostUnderWay = runsAhead && engine.keepsTokens ? 2 : 1;
    this.#engine = engine;
    this.#scheduler = scheduler;
    this.#builder = new StepBatchBuilder(engine.limits);
  }

  /** All of them or none; they join the batch at its next step. Throws `queue-full`, or what the engine failed with before. */
  submit(requests: readonly Request[]): void {
    if (this.#failure) throw this.#failure.error;
    this.#scheduler.add(...requests.map(({ sequence }) => sequence));
    for (const request of requests) this.#requests.set(request.sequence, request);
    this.#running ??= this.#run();
  }

  abort(request: Request): void {
    request.end('abort');
    this.#drop(request.sequence);
  }

  statistics(): Statistics {
    return { ...this.#clock.snapshot(), ...this.#scheduler.statistics() };
  }

  /** Ends all requests, and returns when no step is under way. */
  async stop(): Promise<void> {
    for (const request of [...this.#requests.values()]) this.abort(request);
    await this.#running;
  }

  async #run(): Promise<void> {
    // Requests that are submitted in the same turn of the event loop share the first step.
    await Promise.resolve();
    try {
      while (this.#scheduler.hasWork || this.#underWay.length > 0) await this.#advance();
    } catch (error) {
      this.#failure = { error };
      for (const request of [...this.#requests.values()]) {
        request.fail(error);
        this.#requests.delete(request.sequence);
      }
      // Whoever closes the engine waits for this.
      for (const { ticket } of this.#underWay.splice(0)) await this.#engine.wait(ticket).catch(() => {});
    }
    this.#running = null;
  }

  /** Submits what can be, and waits for the oldest step. */
  async #advance(): Promise<void> {
    while (this.#underWay.length < this.#mostUnderWay) {
      const step = this.#scheduler.schedule();
      if (!step) break;
      this.#submit(step);
    }
    const oldest = this.#underWay.shift();
    if (!oldest) throw new Error('sequences wait and none can be scheduled');
    const { step, ticket, submittedAt } = oldest;
    const result = await this.#engine.wait(ticket);
    const now = performance.now();
    // The time that a step shared with the one before it is that one's.
    this.#clock.count(step, (now - Math.max(submittedAt, this.#lastEnd)) / 1000);
    this.#lastEnd = now;
    this.#scheduler.complete(step);
    this.#deliver(step, result);
  }

  #submit(step: ScheduledStep): void {
    for (const { sequence, start, count, draws } of step.sequences) {
      if (draws) writeStateRow(this.#engine, sequence, start + count);
    }
    const submittedAt = performance.now();
    this.#underWay.push({ step, ticket: this.#engine.submit(this.#builder.build(step)), submittedAt });
  }

  /** Rows come in the order of the step's sequences and positions. Sequences that ended during the step are passed over. */
  #deliver({ sequences }: ScheduledStep, result: StepResult): void {
    let row = 0;
    for (const { sequence, rowPositions } of sequences) {
      for (const position of rowPositions) {
        if (!sequence.isFinished) this.#deliverRow(sequence, position, row, result);
        row += 1;
      }
      if (sequence.scoreOnly && sequence.numComputed === sequence.numPrompt - 1) {
        this.#requests.get(sequence)?.end('length');
        this.#drop(sequence);
      }
    }
  }

  #deliverRow(sequence: Sequence, position: number, row: number, result: StepResult): void {
    if (Number.isNaN(result.logprob[row])) {
      this.#refuse(sequence);
      return;
    }
    const known = sequence.tokens[position + 1];
    if (known !== undefined) {
      sequence.promptLogprobs[position + 1] = this.#read(result, row, known, sequence.params.promptLogprobs ?? 0);
      return;
    }
    const token = result.token[row]!;
    if (!(token >= 0 && token < this.#engine.limits.vocabSize)) throw new Error(`the engine drew the token ${token}`);
    sequence.append(token);
    const drawn = this.#read(result, row, token, sequence.params.logprobs ?? 0);
    const reason = this.#requests.get(sequence)?.accept(drawn, this.#scheduler.maxLength);
    if (reason) this.#drop(sequence, reason);
  }

  /** Of logits with NaN or +infinity no log-probability is a number, and whatever was drawn means nothing. The others go on. */
  #refuse(sequence: Sequence): void {
    const request = this.#requests.get(sequence);
    this.#drop(sequence);
    this.#engine.whyNotFinite().then(
      (problem) => request?.fail(new WarpsmithError(problem)),
      (error) => request?.fail(error),
    );
  }

  /** Copies a row out of the engine's views. */
  #read({ logprob, topIds, topLogprobs }: StepResult, row: number, tokenId: number, numTop: number): TokenLogprob {
    const { topCount } = this.#engine.limits;
    const top = Array.from({ length: Math.min(numTop, topCount) }, (_, place) => {
      return { tokenId: topIds[row * topCount + place]!, logprob: topLogprobs[row * topCount + place]! };
    });
    return { tokenId, logprob: logprob[row]!, top };
  }

  #drop(sequence: Sequence, reason: 'stop' | 'length' | 'abort' = 'abort'): void {
    if (!this.#requests.delete(sequence)) return;
    this.#scheduler.finish(sequence, reason);
  }
}
