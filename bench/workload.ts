/** The steps that are timed: a prefill from an empty cache, and greedy decoding behind a context. */
import { performance } from 'node:perf_hooks';
import type { NativeStepEngine } from '../runtime/engine.ts';
import type { StepBatch } from '../runtime/engine-interface.ts';
import type { EngineOptions } from '../runtime/engine-options.ts';
import type { StepShape } from './cost.ts';

export interface Workload extends StepShape {
  readonly name: string;
}

/** Workloads that one engine runs, and what it must be opened with. */
export interface Session {
  readonly workloads: readonly Workload[];
  readonly limits: EngineOptions;
}

/** Tokens decoded before a sequence starts again behind its context, so that the context stays near what it is called. */
const DECODE_STEPS = 32;

/** A CPU's are of a size that it ends soon; a GPU's are those of a server, in an engine each since their caches differ. */
export const SESSIONS: Readonly<Record<'cpu' | 'cuda', readonly Session[]>> = {
  cpu: [
    {
      workloads: [...[1, 8, 32].map((sequences) => decode(sequences, 128)), prefill(512)],
      limits: { maxTokens: 512, maxSequences: 32, maxModelLen: 512 },
    },
  ],
  cuda: [
    {
      workloads: [1, 8, 64, 256].map((sequences) => decode(sequences, 512)),
      limits: { maxTokens: 512, maxSequences: 256, maxModelLen: 576, kvCacheBytes: 2 ** 36 },
    },
    {
      workloads: [prefill(1024), prefill(4096)],
      limits: { maxTokens: 4096, maxSequences: 1, maxModelLen: 4160, kvCacheBytes: 2 ** 33 },
    },
  ],
};

function decode(sequences: number, context: number): Workload {
  return { name: `decode, batch ${sequences}`, sequences, cachedPerSequence: context, tokensPerSequence: 1 };
}

function prefill(tokens: number): Workload {
  return { name: `prefill, ${tokens} tokens`, sequences: 1, cachedPerSequence: 0, tokensPerSequence: tokens };
}

const WARM_STEPS = 2;
const LEAST_STEPS = 5;

/** Seconds of each step, once warm (`onWarm` is called then): for `leastSeconds`, and some steps at least. */
export function timeSteps(
  engine: NativeStepEngine,
  workload: Workload,
  leastSeconds: number,
  onWarm?: () => void,
): readonly number[] {
  const { sequences, cachedPerSequence, tokensPerSequence } = workload;
  const all = Array.from({ length: sequences }, (_, sequence) => sequence);
  if (cachedPerSequence > 0) {
    for (const sequence of all)
      engine.stepSync(batchOf(engine, [sequence], 0, promptOf(engine, sequence, cachedPerSequence)));
  }
  const decodes = tokensPerSequence === 1;
  let tokens = promptOf(engine, sequences, tokensPerSequence * sequences);
  const seconds: number[] = [];
  const begun = performance.now();
  for (let step = -WARM_STEPS; step < LEAST_STEPS || performance.now() - begun < leastSeconds * 1000; step++) {
    const decoded = decodes ? (step + WARM_STEPS) % DECODE_STEPS : 0;
    const batch = batchOf(engine, all, cachedPerSequence + decoded, tokens);
    if (step === 0) onWarm?.();
    const started = performance.now();
    const { token } = engine.stepSync(batch);
    if (step >= 0) seconds.push((performance.now() - started) / 1000);
    if (decodes) tokens = Int32Array.from(token);
  }
  return seconds;
}

/** Token ids without meaning, others for another `salt`. */
function promptOf(engine: NativeStepEngine, salt: number, length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => (salt * 7919 + i * 104729 + 17) % engine.limits.vocabSize);
}

/** One step: `tokens` in equal parts, one a sequence, each behind `cached` positions; the last row of each is sampled. */
function batchOf(
  engine: NativeStepEngine,
  sequences: readonly number[],
  cached: number,
  tokens: Int32Array,
): StepBatch {
  const { maxBlocksPerSequence: blocks } = engine.limits;
  const rows = sequences.length;
  const each = tokens.length / rows;
  return {
    tokens,
    cuSeqlens: Int32Array.from({ length: rows + 1 }, (_, row) => row * each),
    contextLens: new Int32Array(rows).fill(cached + each),
    blockTable: Int32Array.from(
      sequences.flatMap((sequence) => Array.from({ length: blocks }, (_, block) => sequence * blocks + block)),
    ),
    rows: Int32Array.from({ length: rows }, (_, row) => (row + 1) * each - 1),
    inputs: greedyInputs(rows, cached + each),
  };
}

/** What a step reads of so many rows besides its tokens: each draws the likeliest token, without penalties. */
export function greedyInputs(rows: number, position: number): StepBatch['inputs'] {
  const floats = (value: number) => new Float32Array(rows).fill(value);
  const ints = (value: number) => new Int32Array(rows).fill(value);
  return {
    temperature: floats(0),
    topP: floats(1),
    minP: floats(0),
    presencePenalty: floats(0),
    frequencyPenalty: floats(0),
    repetitionPenalty: floats(1),
    topK: ints(0),
    seed: ints(1),
    position: ints(position),
    stateRow: ints(0),
    usePenalties: ints(0),
    keptRow: ints(-1),
    targets: ints(-1),
  };
}
