/** The embedded model's engine without a scheduler: one step at a time, on a batch that the test writes. */
import { compileModel, type ModelOptions } from '../../codegen/model.ts';
import { type NativeStepEngine, openEngine } from '../../runtime/engine.ts';
import type { StepBatch } from '../../runtime/engine-interface.ts';
import type { EngineOptions } from '../../runtime/engine-options.ts';
import { openModel } from '../../runtime/open-model.ts';
import type { Ran } from './launches.ts';
import { tinyModel } from './tiny-model.ts';

export async function tinyEngine(
  options: ModelOptions & EngineOptions = {},
  checkpoint = tinyModel,
): Promise<NativeStepEngine> {
  const { directory } = await compileModel(checkpoint, options);
  const { weights } = await openModel(checkpoint);
  return openEngine(directory, weights, options);
}

/** A step of whole sequences without a prefix; logits of its last tokens, as many as a step may have. Each row is drawn greedily. */
export function prefill(engine: NativeStepEngine, sequences: readonly (readonly number[])[]): StepBatch {
  const { maxBlocksPerSequence, blockSize, maxRows } = engine.limits;
  const cuSeqlens = [0];
  for (const ids of sequences) cuSeqlens.push((cuSeqlens.at(-1) ?? 0) + ids.length);
  let next = 0;
  const blockTable = sequences.flatMap((ids) =>
    Array.from({ length: maxBlocksPerSequence }, (_, block) => (block * blockSize < ids.length ? next++ : -1)),
  );
  const numTokens = cuSeqlens.at(-1) ?? 0;
  const rows = Math.min(numTokens, maxRows);
  const floats = (value: number) => new Float32Array(rows).fill(value);
  const ints = (value: number) => new Int32Array(rows).fill(value);
  return {
    tokens: Int32Array.from(sequences.flat()),
    cuSeqlens: Int32Array.from(cuSeqlens),
    contextLens: Int32Array.from(sequences, (ids) => ids.length),
    blockTable: Int32Array.from(blockTable),
    rows: Int32Array.from({ length: rows }, (_, row) => numTokens - rows + row),
    inputs: {
      temperature: floats(0),
      topP: floats(1),
      minP: floats(0),
      repetitionPenalty: floats(1),
      presencePenalty: floats(0),
      frequencyPenalty: floats(0),
      topK: ints(0),
      seed: ints(0),
      position: ints(0),
      stateRow: ints(0),
      usePenalties: ints(0),
      keptRow: ints(-1),
      targets: ints(-1),
    },
  };
}

/** Runs a step and says which kernels ran. */
export function stepAndCount(engine: NativeStepEngine, batch: StepBatch): Ran {
  const before = engine.native.stats().launches;
  engine.stepSync(batch);
  return { launches: engine.native.stats().launches - before, kernels: engine.program.kernels };
}
