/**
 * An engine whose "cache" holds tokens, and whose next token is a hash of all tokens it finds through the block table: a wrong
 * table, a stale block or a missing position changes every token after it. It also checks each batch as a debugger would.
 */
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import type { EngineLimits, StepBatch, StepEngine, StepResult } from '../../runtime/engine-interface.ts';
import type { Problem } from '../../runtime/errors.ts';

export const smallLimits: EngineLimits = {
  maxTokens: 32,
  maxSequences: 4,
  maxRows: 16,
  maxBlocksPerSequence: 16,
  numBlocks: 24,
  blockSize: 4,
  vocabSize: 50,
  topCount: 5,
  maxModelLen: 64,
};

/** logits[v] after these tokens, in [-4, 4). */
export function fakeLogits(tokens: readonly number[], vocabSize: number): Float32Array {
  const state = tokens.reduce((hash, token) => mix(hash ^ (token + 1)), 0x9e3779b9);
  return Float32Array.from({ length: vocabSize }, (_, token) => mix(state ^ mix(token + 1)) / 2 ** 29 - 4);
}

export function logSoftmax(logits: Float32Array): Float32Array {
  const most = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return logits.map((logit) => logit - most - Math.log(total));
}

interface FakeSampling {
  readonly temperature: number;
  readonly seed: number;
  /** Added to the logits: bias and penalties together. */
  readonly bias: (token: number) => number;
}

/** Noise is keyed by (seed, position, token) alone, as a real engine's is. */
export function fakeDraw(logits: Float32Array, position: number, { temperature, seed, bias }: FakeSampling): number {
  const scores = logits.map((logit, token) => {
    const uniform = (mix(mix(seed ^ mix(position)) ^ token) + 0.5) / 2 ** 32;
    return logit + bias(token) - temperature * Math.log(-Math.log(uniform));
  });
  return scores.reduce((best, score, token) => (score > scores[best]! ? token : best), 0);
}

export class FakeEngine implements StepEngine {
  readonly limits: EngineLimits;
  /** Every batch's sizes, for tests of what was scheduled. */
  readonly steps: { readonly lengths: readonly number[]; readonly contextLens: readonly number[] }[] = [];
  readonly stateWrites: { readonly state: string; readonly row: number }[] = [];
  isClosed = false;
  /** As few as a loop that runs one step ahead can do with. */
  readonly ringSlots = 2;
  readonly keepsTokens = true;
  /** Steps under way at once, at most, so far. */
  mostUnderWay = 0;
  /** Called while a step is under way. */
  duringStep: (step: number) => void = () => {};
  /** Whether logits after these tokens are no numbers. */
  isSpoilt: (tokens: readonly number[]) => boolean = () => false;
  readonly #cache: Int32Array;
  readonly #lastTokens: Int32Array;
  readonly #state = new Map<string, Int32Array | Float32Array>();
  /** Steps and writes of state, in the order in which they were asked for. */
  #work: Promise<unknown> = Promise.resolve();
  readonly #steps: Promise<StepResult>[] = [];
  readonly #results: (StepResult | undefined)[] = [];
  #underWay = 0;

  constructor(limits: Partial<EngineLimits> = {}) {
    this.limits = { ...smallLimits, ...limits };
    this.#cache = new Int32Array(this.limits.numBlocks * this.limits.blockSize).fill(-1);
    this.#lastTokens = new Int32Array(this.limits.maxSequences).fill(-1);
  }

  submit(batch: StepBatch): number {
    expect(this.#underWay, 'slots of the ring').toBeLessThan(this.ringSlots);
    const ticket = this.#steps.length;
    const own = structuredClone(batch);
    this.#check(own);
    this.#poison(this.#results[ticket % this.ringSlots]);
    this.steps.push({ lengths: lengthsOf(own), contextLens: [...own.contextLens] });
    this.#underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay);
    const ended = this.#work.then(async () => {
      await setImmediate();
      this.duringStep(ticket + 1);
      await setImmediate();
      this.#write(own);
      const result = this.#read(own);
      this.#results[ticket % this.ringSlots] = result;
      return result;
    });
    const done = () => {
      this.#underWay -= 1;
    };
    this.#work = ended.then(done, done);
    this.#steps.push(ended);
    return ticket;
  }

  async wait(ticket: number): Promise<StepResult> {
    return await this.#steps[ticket]!;
  }

  writeStateRow(state: string, row: number, data: Int32Array | Float32Array): void {
    expect(data).toHaveLength(this.limits.vocabSize);
    expect(['promptSeen', 'outputCounts', 'logitBias']).toContain(state);
    this.stateWrites.push({ state, row });
    const written = data.slice();
    this.#work = this.#work.then(() => this.#state.set(`${state} ${row}`, written));
  }

  async whyNotFinite(): Promise<Problem> {
    return { code: 'weights-invalid', message: 'a weight is NaN', mend: 'Use others.' };
  }

  close(): void {
    expect(this.#underWay, 'closed between steps').toBe(0);
    this.isClosed = true;
  }

  /** Results are views: whoever reads them after their slot was taken again reads this. */
  #poison(result: StepResult | undefined): void {
    result?.token.fill(-7);
    result?.logprob.fill(Number.NaN);
    result?.topIds.fill(-7);
    result?.topLogprobs.fill(Number.NaN);
  }

  #check({ tokens, cuSeqlens, contextLens, blockTable, rows, inputs }: StepBatch): void {
    const { limits } = this;
    hold(tokens.length > 0 && tokens.length <= limits.maxTokens, 'tokens');
    hold(contextLens.length <= limits.maxSequences, 'sequences');
    hold(rows.length <= limits.maxRows, 'rows');
    hold(cuSeqlens.length === contextLens.length + 1, 'cuSeqlens');
    hold(cuSeqlens[0] === 0 && cuSeqlens.at(-1) === tokens.length, 'ends of cuSeqlens');
    hold(blockTable.length === contextLens.length * limits.maxBlocksPerSequence, 'blockTable');
    hold(
      tokens.every((token) => token >= -limits.maxSequences && token < limits.vocabSize),
      'ids of tokens',
    );
    hold(
      rows.every((row, place) => row < tokens.length && (place === 0 || row > rows[place - 1]!)),
      'order of rows',
    );
    for (const [name, values] of Object.entries(inputs)) hold(values.length === rows.length, name);
  }

  #write({ tokens, cuSeqlens, contextLens, blockTable }: StepBatch): void {
    const written = new Set<number>();
    for (const [place, contextLen] of contextLens.entries()) {
      const first = cuSeqlens[place]!;
      const count = cuSeqlens[place + 1]! - first;
      hold(count > 0, 'tokens of each sequence');
      for (let offset = 0; offset < count; offset++) {
        const slot = this.#slot(blockTable, place, contextLen - count + offset);
        hold(!written.has(slot), 'slots, each once in a step');
        written.add(slot);
        const token = tokens[first + offset]!;
        this.#cache[slot] = token < 0 ? this.#lastTokens[-1 - token]! : token;
        hold(this.#cache[slot]! >= 0, 'tokens that were drawn');
      }
    }
  }

  #slot(blockTable: Int32Array, place: number, position: number): number {
    const { maxBlocksPerSequence, blockSize, numBlocks } = this.limits;
    const block = blockTable[place * maxBlocksPerSequence + Math.floor(position / blockSize)]!;
    hold(block >= 0 && block < numBlocks, 'blocks of each position');
    return block * blockSize + (position % blockSize);
  }

  #read({ cuSeqlens, contextLens, blockTable, rows, inputs }: StepBatch): StepResult {
    const { vocabSize, topCount } = this.limits;
    const result: StepResult = {
      token: new Int32Array(rows.length),
      logprob: new Float32Array(rows.length),
      topIds: new Int32Array(rows.length * topCount),
      topLogprobs: new Float32Array(rows.length * topCount),
      logits: new Float32Array(rows.length * vocabSize),
    };
    for (const [row, token] of rows.entries()) {
      const place = contextLens.findIndex((_, index) => token < cuSeqlens[index + 1]!);
      const position = contextLens[place]! - (cuSeqlens[place + 1]! - token);
      const seen = Array.from({ length: position + 1 }, (_, at) => this.#cache[this.#slot(blockTable, place, at)]!);
      const logits = fakeLogits(seen, vocabSize);
      result.logits.set(logits, row * vocabSize);
      hold(inputs.position![row] === position + 1, 'positions of rows');
      result.token[row] = this.#draw(logits, row, inputs);
      const kept = inputs.keptRow![row]!;
      if (kept >= 0) this.#lastTokens[kept] = result.token[row]!;
      const logprobs = this.isSpoilt(seen) ? logits.fill(Number.NaN) : logSoftmax(logits);
      const target = inputs.targets![row]!;
      result.logprob[row] = logprobs[target >= 0 ? target : result.token[row]!]!;
      const best = [...logprobs.keys()].sort((a, b) => logprobs[b]! - logprobs[a]! || a - b).slice(0, topCount);
      result.topIds.set(best, row * topCount);
      result.topLogprobs.set(
        best.map((id) => logprobs[id]!),
        row * topCount,
      );
    }
    return result;
  }

  /** A real engine's penalties, without the repetition penalty; the engine itself counts what it draws. */
  #draw(logits: Float32Array, row: number, inputs: StepBatch['inputs']): number {
    const stateRow = inputs.stateRow![row]!;
    const penalized = inputs.usePenalties![row] === 1;
    const counts = penalized ? this.#state.get(`outputCounts ${stateRow}`)! : null;
    const logitBias = penalized ? this.#state.get(`logitBias ${stateRow}`)! : null;
    const token = fakeDraw(logits, inputs.position![row]!, {
      temperature: inputs.temperature![row]!,
      seed: inputs.seed![row]!,
      bias: (id) => (logitBias?.[id] ?? 0) - inputs.frequencyPenalty![row]! * (counts?.[id] ?? 0),
    });
    if (counts) counts[token]! += 1;
    return token;
  }
}

/** Of every position of every row: an `expect` each would take most of a test's time. */
function hold(isSo: boolean, what: string): void {
  if (!isSo) expect.fail(`the batch has wrong ${what}`);
}

function lengthsOf({ cuSeqlens, contextLens }: StepBatch): number[] {
  return [...contextLens.keys()].map((place) => cuSeqlens[place + 1]! - cuSeqlens[place]!);
}

/** A 32-bit mix (murmur3's finalizer). */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
