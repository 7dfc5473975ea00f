/** Drives the engine for all requests at once: schedule, step, deliver, until nobody waits. */
import type { StepEngine, StepResult } from './engine-interface.ts';
import type { Request } from './request.ts';
import type { ScheduledStep, Scheduler } from './scheduler.ts';
import type { Sequence, TokenLogprob } from './sequence.ts';
import { writeStateRows } from './state-rows.ts';
import { type Statistics, StepClock } from './statistics.ts';
import { StepBatchBuilder } from './step-batch.ts';

export class GenerationLoop {
  readonly #engine: StepEngine;
  readonly #scheduler: Scheduler;
  readonly #builder: StepBatchBuilder;
  readonly #clock = new StepClock();
  readonly #requests = new Map<Sequence, Request>();
  #running: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(engine: StepEngine, scheduler: Scheduler) {
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
      while (this.#scheduler.hasWork) await this.#step();
    } catch (error) {
      this.#failure = { error };
      for (const request of [...this.#requests.values()]) {
        request.fail(error);
        this.#requests.delete(request.sequence);
      }
    }
    this.#running = null;
  }

  async #step(): Promise<void> {
    const step = this.#scheduler.schedule();
    if (!step) throw new Error('sequences wait and none can be scheduled');
    for (const { sequence } of step.sequences) writeStateRows(this.#engine, sequence);
    const began = performance.now();
    const result = await this.#engine.step(this.#builder.build(step));
    this.#clock.count(step, (performance.now() - began) / 1000);
    this.#scheduler.complete(step);
    this.#deliver(step, result);
  }

  /** Rows come in the order of the step's sequences and positions. Sequences that ended during the step are passed over. */
  #deliver({ sequences }: ScheduledStep, result: StepResult): void {
    let row = 0;
    for (const { sequence, rowPositions } of sequences) {
      for (const position of rowPositions) {
        if (!sequence.isFinished) this.#deliverRow(sequence, position, row, result);
        row += 1;
      }
      if (sequence.scoreOnly && sequence.numRemaining === 0) {
        this.#requests.get(sequence)?.end('length');
        this.#drop(sequence);
      }
    }
  }

  #deliverRow(sequence: Sequence, position: number, row: number, result: StepResult): void {
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
