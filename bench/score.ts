/** Log-probabilities of made-up sequences by an engine: what two targets that hold the same weights are compared by. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileModel } from '../codegen/model.ts';
import { readCheckpointWeights } from '../runtime/checkpoint-weights.ts';
import { type NativeStepEngine, openEngine } from '../runtime/engine.ts';
import type { StepBatch } from '../runtime/engine-interface.ts';
import type { Shape } from './shapes.ts';
import { greedyInputs } from './workload.ts';

/** Tokens of each sequence, on both sides of blocks of 64; the last is prefilled in two steps. */
const LENGTHS: readonly number[] = [40, 100, 128];
const CHUNK = 70;

const SCORE_LIMITS = { maxTokens: 128, maxSequences: 1, maxModelLen: 192 } as const;

/** A change of the block table before the second step of a sequence, which a comparison must notice. */
type Fault = 'none' | 'pages swapped';

/** How far log-probabilities around -20 may be from those of another target of the same type; a fault is ten times that. */
const MEAN_GAP = 0.12;
const LARGEST_GAP = 0.8;

export interface CheckOptions {
  readonly target: 'cpu' | 'cuda';
  /** The folder of a built engine for the shape; one is built where it is absent. */
  readonly engine?: string | undefined;
  /** Folders of engines of the models in bench/faults/. */
  readonly faulty?: readonly string[] | undefined;
}

/**
 * Compares with the committed scores of the CPU engine, which the CPU target writes where there are none. Throws where they
 * are too far apart, or where one of the faults would not show: two swapped pages of the cache, and those of faulty engines.
 */
export async function checkScores(shape: Shape, { target, engine, faulty = [] }: CheckOptions): Promise<string> {
  const path = fileURLToPath(new URL(`shapes/${shape.name}.scores.json`, import.meta.url));
  const directory = engine ?? (await compileModel(shape.checkpoint, { target })).directory;
  if (!existsSync(path) && target === 'cpu') {
    const rounded = (await scoresOf(directory, shape)).map((row) => row.map((score) => Number(score.toPrecision(6))));
    writeFileSync(path, `${JSON.stringify(rounded)}\n`);
    return `wrote ${path}`;
  }
  const expected: Scores = JSON.parse(readFileSync(path, 'utf8'));
  const [mean, largest] = gapsOf(await scoresOf(directory, shape), expected);
  const lines = [`log-probabilities: ${mean.toFixed(4)} apart on average, ${largest.toFixed(3)} at most`];
  let holds = mean <= MEAN_GAP && largest <= LARGEST_GAP;
  const faults = [
    ['two pages swapped', await scoresOf(directory, shape, 'pages swapped')] as const,
    ...(await Promise.all(faulty.map(async (folder) => [folder, await scoresOf(folder, shape)] as const))),
  ];
  for (const [name, scores] of faults) {
    const [faultyMean, faultyLargest] = gapsOf(scores, expected);
    lines.push(`  ${name}: ${faultyMean.toFixed(2)} on average, ${faultyLargest.toFixed(1)} at most`);
    holds &&= faultyMean > MEAN_GAP && faultyLargest > LARGEST_GAP;
  }
  if (holds) return lines.join('\n');
  throw new Error(
    `${lines.join('\n')}\nat most ${MEAN_GAP} and ${LARGEST_GAP} are due to rounding, and a fault exceeds both`,
  );
}

type Scores = readonly (readonly number[])[];

async function scoresOf(directory: string, { checkpoint }: Shape, fault: Fault = 'none'): Promise<Scores> {
  const engine = openEngine(directory, await readCheckpointWeights(checkpoint), SCORE_LIMITS);
  try {
    return scoreSequences(engine, fault);
  } finally {
    engine.close();
  }
}

function gapsOf(a: Scores, b: Scores): readonly [mean: number, largest: number] {
  const gaps = a.flatMap((row, i) => row.map((score, j) => Math.abs(score - (b[i]?.[j] ?? Number.NaN))));
  return [gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length, Math.max(...gaps)];
}

/** For each sequence, the log-probability of each token given those before it but for the first. */
function scoreSequences(engine: NativeStepEngine, fault: Fault): Scores {
  return LENGTHS.map((length, salt) => {
    const ids = Int32Array.from({ length }, (_, i) => (salt * 7919 + i * 104729 + 17) % engine.limits.vocabSize);
    const logprobs: number[] = [];
    for (let begin = 0; begin < length - 1; begin += CHUNK) {
      const end = Math.min(begin + CHUNK, length - 1);
      logprobs.push(...engine.stepSync(batchOf(engine, ids, begin, end, begin > 0 ? fault : 'none')).logprob);
    }
    return logprobs;
  });
}

/** Computes tokens [begin, end) behind those before them, and scores each one's successor. */
function batchOf(engine: NativeStepEngine, ids: Int32Array, begin: number, end: number, fault: Fault): StepBatch {
  const rows = end - begin;
  const blockTable = Int32Array.from({ length: engine.limits.maxBlocksPerSequence }, (_, block) => block);
  if (fault === 'pages swapped') blockTable.set([1, 0]);
  return {
    tokens: ids.slice(begin, end),
    cuSeqlens: Int32Array.of(0, rows),
    contextLens: Int32Array.of(end),
    blockTable,
    rows: Int32Array.from({ length: rows }, (_, row) => row),
    inputs: {
      ...greedyInputs(rows, end),
      position: Int32Array.from({ length: rows }, (_, row) => begin + row),
      targets: ids.slice(begin + 1, end + 1),
    },
  };
}
