/** Draws that every operator is run on, and more of them at random. */
import { dimensionNames } from '../dsl/lang/declare.ts';
import { type Draw, isRagged, type Sequence } from './operator-draws.ts';
import type { OperatorCase } from './operator-library.ts';
import type { Random } from './random.ts';

/** Rows of a product that several kernels share among them, by their number. */
const productRows: readonly number[] = [48, 100, 300];
/** Multiplications of a call that the oracle is to do at most. */
const MOST_MULTIPLICATIONS = 4e6;

/** No row and one, and many for a product of depth K; for ragged operators decode and prefill around the end of a block, batches of all kinds, long contexts of heads. */
export function exampleDraws(subject: OperatorCase): readonly Draw[] {
  const plain = { seed: 1, rows: 1, sequences: [], ties: false, special: false, skipped: false };
  const { K, ...others } = subject.features;
  if (!isRagged(subject)) {
    const each = Object.values(others).reduce((product, size) => product * size, K ?? Number.POSITIVE_INFINITY);
    const many = productRows.filter((rows) => rows * each <= MOST_MULTIPLICATIONS);
    return [0, 1, ...many].map((rows) => ({ ...plain, rows }));
  }
  const batches: readonly (readonly Sequence[])[] = [
    [],
    [
      { tokens: 1, cached: 62 },
      { tokens: 1, cached: 63 },
      { tokens: 1, cached: 64 },
    ],
    [
      { tokens: 2, cached: 62 },
      { tokens: 3, cached: 0 },
      { tokens: 1, cached: 0 },
      { tokens: 1, cached: 130 },
    ],
    [
      { tokens: 63, cached: 0 },
      { tokens: 65, cached: 0 },
    ],
  ];
  const longBatches: readonly (readonly Sequence[])[] = [
    [{ tokens: 1, cached: 1040 }],
    [
      { tokens: 130, cached: 0 },
      { tokens: 1, cached: 200 },
      { tokens: 1, cached: 0 },
    ],
    [{ tokens: 33, cached: 150 }],
  ];
  // Where tokens read keys: an angle of 1040 radians has lost more bits in f32 than the bound of a single sine allows.
  const attends = subject.features.HQ !== undefined || readsCache(subject);
  return [...batches, ...(attends ? longBatches : [])].map((sequences) => ({ ...plain, sequences }));
}

function readsCache({ operator, features }: OperatorCase): boolean {
  const ones = Object.fromEntries(dimensionNames(operator.spec.dims).map((name) => [name, features[name] ?? 1]));
  return Object.values(operator.spec.inputs(ones)).some(({ kind }) => kind === 'paged');
}

/** Tokens of a sequence, on both sides of what kernels take at once. */
export const drawnLengths: readonly number[] = [0, 1, 2, 3, 5, 8, 17, 31, 32, 33, 63, 64, 65];
/** Rows of a step, likewise. */
export const drawnRows: readonly number[] = [0, 1, 2, 3, 5, 8, 17, 33];

export function randomDraw(random: Random): Draw {
  const flag = () => random.uniform() < 0.5;
  return {
    seed: random.integer(0, 2 ** 31),
    rows: random.pick(drawnRows),
    sequences: Array.from({ length: random.integer(0, 6) }, () => ({
      tokens: random.pick(drawnLengths),
      cached: flag() ? 0 : random.pick(drawnLengths),
    })),
    ties: flag(),
    special: flag(),
    skipped: flag(),
  };
}
