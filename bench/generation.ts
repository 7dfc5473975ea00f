/**
 * Decoding through the whole runtime (scheduler, loop, detokenizer, readers), one step at a time and with a step submitted ahead: what
 * an engine waits for its host.
 */
import { performance } from 'node:perf_hooks';
import { rootHash } from '../runtime/block-hash.ts';
import { readCheckpointWeights } from '../runtime/checkpoint-weights.ts';
import type { PieceSource } from '../runtime/detokenizer.ts';
import { type NativeStepEngine, openEngine } from '../runtime/engine.ts';
import type { EngineOptions } from '../runtime/engine-options.ts';
import { noGenerationDefaults } from '../runtime/generation-config.ts';
import { GenerationLoop } from '../runtime/generation-loop.ts';
import { Request } from '../runtime/request.ts';
import { resolveSamplingParams } from '../runtime/sampling-params.ts';
import { Scheduler } from '../runtime/scheduler.ts';
import { Sequence } from '../runtime/sequence.ts';
import { engineFor, type MeasureOptions, median } from './measure.ts';
import type { Shape } from './shapes.ts';

export interface GenerationMeasurement {
  readonly sequences: number;
  /** Of all sequences together, the median of the runs. */
  readonly waiting: number;
  readonly ahead: number;
}

/** Behind `context` tokens each; as many steps are timed as leave the context near what it is called. */
const SETTINGS = {
  cpu: { batches: [1, 8, 32], context: 128, steps: 48 },
  cuda: { batches: [1, 8, 64, 256], context: 512, steps: 192 },
} as const;

const RUNS = 3;

export async function measureGeneration(
  shape: Shape,
  options: MeasureOptions,
): Promise<readonly GenerationMeasurement[]> {
  const { batches, context, steps } = SETTINGS[options.target];
  const most = Math.max(...batches);
  const limits: EngineOptions = {
    maxTokens: context * 8,
    maxSequences: most,
    // Sequences that were admitted first decode while the prompts of the others are computed.
    maxModelLen: context + most + steps + 64,
    kvCacheBytes: 2 ** 36,
    threads: options.threads,
  };
  const engine = openEngine(await engineFor(shape, options), await readCheckpointWeights(shape.checkpoint), limits);
  try {
    const measurements: GenerationMeasurement[] = [];
    for (const sequences of batches) {
      const rates = { waiting: [] as number[], ahead: [] as number[] };
      for (let run = -1; run < RUNS; run++) {
        for (const way of ['waiting', 'ahead'] as const) {
          const rate = await decodeRate(engine, sequences, context, steps, way === 'ahead');
          if (run >= 0) rates[way].push(rate);
        }
      }
      measurements.push({ sequences, waiting: median(rates.waiting), ahead: median(rates.ahead) });
    }
    return measurements;
  } finally {
    engine.close();
  }
}

/** Tokens a second from when the last sequence has its first token until it has `steps` more, all of them running. */
async function decodeRate(
  engine: NativeStepEngine,
  sequences: number,
  context: number,
  steps: number,
  runsAhead: boolean,
): Promise<number> {
  const loop = new GenerationLoop(engine, new Scheduler(engine.limits, { enablePrefixCaching: false }), runsAhead);
  const params = resolveSamplingParams({ temperature: 0, ignoreEos: true }, noGenerationDefaults, engine.limits);
  const requests = Array.from({ length: sequences }, (_, salt) => {
    const prompt = Array.from({ length: context }, (_, i) => (salt * 7919 + i * 104729 + 17) % engine.limits.vocabSize);
    return new Request(new Sequence(salt, prompt, params, rootHash('')), words);
  });
  loop.submit(requests);
  let begun = 0;
  let ended = 0;
  await Promise.all(
    requests.map(async (request) => {
      let tokens = 0;
      for await (const chunk of request.chunks()) {
        tokens += chunk.tokenIds.length;
        if (request !== requests.at(-1)) continue;
        if (begun === 0) {
          begun = performance.now();
          tokens = 0;
        } else if (tokens >= steps && ended === 0) {
          ended = performance.now();
          for (const one of requests) loop.abort(one);
        }
      }
    }),
  );
  await loop.stop();
  return (sequences * steps * 1000) / (ended - begun);
}

/** A tokenizer whose tokens are words: random checkpoints have none. */
const words: PieceSource = {
  piece: (id) => ({ kind: 'text', text: ` word${id}` }),
  isSpecial: () => false,
  dropsLeadingSpace: false,
};

export function formatGeneration(measurements: readonly GenerationMeasurement[]): string {
  const lines = measurements.map(({ sequences, waiting, ahead }) => {
    const step = (rate: number) => `${((sequences * 1000) / rate).toFixed(3)} ms`;
    const gain = `${((ahead / waiting - 1) * 100).toFixed(1)}%`;
    return [`batch ${sequences}`, waiting.toFixed(0), step(waiting), ahead.toFixed(0), step(ahead), gain]
      .map((cell) => cell.padStart(12))
      .join('');
  });
  const head = ['decode', 'one by one', 'a step', 'ahead', 'a step', 'gain'].map((cell) => cell.padStart(12)).join('');
  return [head, ...lines].join('\n');
}
