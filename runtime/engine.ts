/** A model's built engine behind the interface of the runtime: weights mapped from the checkpoint, a step a native call. */
import type { ManifestProgram, ManifestValue } from '../codegen/manifest.ts';
import type { CheckpointWeights } from './checkpoint-weights.ts';
import { descriptorWords, packDescriptor } from './descriptor.ts';
import type { EngineLimits, StepBatch, StepEngine, StepResult } from './engine-interface.ts';
import { checkEngineOptions, type EngineOptions } from './engine-options.ts';
import { type Problem, WarpsmithError } from './errors.ts';
import { loadWeights } from './load-weights.ts';
import { type NativeEngine, type NativeLibrary, openLibrary } from './native.ts';
import { whyNotFinite } from './not-finite.ts';

const DEFAULT_MAX_TOKENS = 1024;
const DEFAULT_MAX_SEQUENCES = 64;
/** Rows of logits a step has memory for, where sequences are fewer: rows that only score. */
const MAX_ROWS = 128;
const DEFAULT_KV_CACHE_BYTES = 2 ** 31;
const BYTES = { bf16: 2, f16: 2, f32: 4, i32: 4 } as const;

/** An engine ready to step. Throws WarpsmithError for weights that are missing or do not fit. */
export function openEngine(
  directory: string,
  weights: CheckpointWeights,
  options: EngineOptions = {},
): NativeStepEngine {
  checkEngineOptions(options);
  const library = openLibrary(directory);
  const [program] = library.manifest.programs;
  const { model } = library.manifest;
  if (!program || !model) {
    throw new WarpsmithError({
      code: 'engine-invalid',
      message: `${directory} holds single operators, not a model.`,
      mend: 'Build a checkpoint: warpsmith build MODEL.',
    });
  }
  const limits = limitsOf(library, program, options);
  const native = library.create(
    0,
    options.threads ?? 0,
    Int32Array.from(program.counts.map((count) => countOf(count, limits))),
    limits.maxBlocksPerSequence,
    limits.numBlocks,
  );
  try {
    loadWeights(native, program, weights, model.takesAllTensors);
  } catch (error) {
    native.close();
    throw error;
  }
  const { act } = library.manifest.elements;
  return new NativeStepEngine(native, program, limits, () => whyNotFinite(weights, act));
}

function limitsOf({ manifest }: NativeLibrary, program: ManifestProgram, options: EngineOptions): EngineLimits {
  const { model, blockSize } = manifest;
  if (!model) throw new Error('a model engine has a model');
  const maxModelLen = Math.min(options.maxModelLen ?? model.maxModelLen, model.maxModelLen);
  const maxSequences = options.maxSequences ?? DEFAULT_MAX_SEQUENCES;
  const maxTokens = Math.max(options.maxTokens ?? DEFAULT_MAX_TOKENS, maxSequences);
  const maxBlocksPerSequence = Math.ceil(maxModelLen / blockSize);
  const bytesPerPosition = program.values.reduce((sum, value) => sum + value.pageElements * BYTES[value.storage], 0);
  const affordable = Math.floor((options.kvCacheBytes ?? DEFAULT_KV_CACHE_BYTES) / (bytesPerPosition * blockSize));
  return {
    maxTokens,
    maxSequences,
    maxRows: Math.max(maxSequences, MAX_ROWS),
    maxBlocksPerSequence,
    numBlocks: Math.max(maxBlocksPerSequence, Math.min(maxSequences * maxBlocksPerSequence, affordable)),
    blockSize,
    vocabSize: model.vocabSize,
    topCount: model.topCount,
    maxModelLen,
  };
}

/** The capacity of a count of the step program. */
function countOf(count: string, limits: EngineLimits): number {
  switch (count) {
    case 'T':
      return limits.maxTokens;
    case 'B':
    case 'S':
      return limits.maxSequences;
    case 'R':
      return limits.maxRows;
    default:
      throw new WarpsmithError({
        code: 'engine-mismatch',
        message: `the model's step has a count ${count}, which the runtime does not know.`,
        mend: 'Use T (tokens), B (sequences), R (rows of logits) and S (rows of state) in a model.',
      });
  }
}

export class NativeStepEngine implements StepEngine {
  readonly limits: EngineLimits;
  readonly native: NativeEngine;
  readonly program: ManifestProgram;
  readonly ringSlots: number;
  /** Not so for a model of a user's that has no such state. */
  readonly keepsTokens: boolean;
  readonly #inputs: readonly ManifestValue[];
  /** By slot. */
  readonly #results: readonly StepResult[];
  /** Filled anew for each step. */
  readonly #descriptor: Int32Array;
  readonly #explain: () => Promise<Problem>;
  #whyNotFinite: Promise<Problem> | null = null;
  #lastRows = 0;

  constructor(
    native: NativeEngine,
    program: ManifestProgram,
    limits: EngineLimits,
    whyNotFinite: () => Promise<Problem>,
  ) {
    this.#explain = whyNotFinite;
    this.native = native;
    this.program = program;
    this.limits = limits;
    this.ringSlots = native.ringSlots;
    this.#inputs = program.values.filter((value) => value.kind === 'input');
    this.keepsTokens = this.#inputs.some(({ name }) => name === 'keptRow');
    const others = this.#inputs.reduce((sum, input) => sum + this.#elementsOf(input), program.counts.length);
    this.#descriptor = new Int32Array(descriptorWords(limits.maxSequences, limits.maxBlocksPerSequence, others));
    this.#results = Array.from({ length: native.ringSlots }, (_, slot) => this.#resultsOf(slot));
  }

  submit(batch: StepBatch): number {
    this.#lastRows = batch.rows.length;
    return this.native.submit(this.describe(batch));
  }

  async wait(ticket: number): Promise<StepResult> {
    await this.native.wait(ticket);
    return this.#results[ticket % this.ringSlots]!;
  }

  /** `submit` and `wait` on the calling thread, for benchmarks and tests; of the results the rows that the batch has. */
  stepSync(batch: StepBatch): StepResult {
    const rows = batch.rows.length;
    this.#lastRows = rows;
    const ticket = this.native.stepSync(this.describe(batch));
    const result = this.#results[ticket % this.ringSlots]!;
    const { topCount } = this.limits;
    return {
      token: result.token.subarray(0, rows),
      logprob: result.logprob.subarray(0, rows),
      topIds: result.topIds.subarray(0, rows * topCount),
      topLogprobs: result.topLogprobs.subarray(0, rows * topCount),
      get logits() {
        return result.logits;
      },
    };
  }

  /** The step's descriptor, in an array that the next one reuses. */
  describe(batch: StepBatch): Int32Array {
    const sizes: Readonly<Record<string, number>> = {
      T: batch.tokens.length,
      B: batch.contextLens.length,
      R: batch.rows.length,
      S: this.limits.maxSequences,
    };
    const inputs = this.#inputs.map(({ name }) => {
      const data = name === 'tokens' ? batch.tokens : name === 'rows' ? batch.rows : batch.inputs[name];
      if (!data) throw new Error(`the step's input ${name} is missing from the batch`);
      return data;
    });
    return packDescriptor(
      this.program.counts.map((count) => sizes[count] ?? 0),
      batch,
      inputs,
      this.#descriptor,
    );
  }

  writeStateRow(state: string, row: number, data: Int32Array | Float32Array): void {
    const value = this.program.values.findIndex(({ name, kind }) => kind === 'state' && name === state);
    if (value < 0) throw new Error(`the engine has no state ${state}`);
    this.native.write(value, row * data.byteLength, data);
  }

  /** The weights are looked through once. */
  whyNotFinite(): Promise<Problem> {
    this.#whyNotFinite ??= this.#explain();
    return this.#whyNotFinite;
  }

  close(): void {
    this.native.close();
  }

  #resultsOf(slot: number): StepResult {
    const logits = (): Float32Array => {
      const copy = new Float32Array(this.#lastRows * this.limits.vocabSize);
      this.native.read(this.#indexOf('logits'), 0, copy);
      return copy;
    };
    return {
      token: new Int32Array(this.#memoryOf(slot, 'token')),
      logprob: new Float32Array(this.#memoryOf(slot, 'logprob')),
      topIds: new Int32Array(this.#memoryOf(slot, 'topIds')),
      topLogprobs: new Float32Array(this.#memoryOf(slot, 'topLogprobs')),
      get logits() {
        return logits();
      },
    };
  }

  #memoryOf(slot: number, name: string): ArrayBuffer {
    const index = this.#indexOf(name);
    const value = this.program.values[index];
    const memory = value && this.native.result(slot, index, this.#elementsOf(value) * BYTES[value.storage]);
    if (!memory) throw new Error(`the engine keeps no result ${name}`);
    return memory;
  }

  #elementsOf({ shape }: ManifestValue): number {
    return shape.reduce<number>(
      (product, extent) => product * (typeof extent === 'number' ? extent : countOf(extent, this.limits)),
      1,
    );
  }

  #indexOf(name: string): number {
    const index = this.program.results[name];
    if (index === undefined) throw new Error(`the engine has no result ${name}`);
    return index;
  }
}
