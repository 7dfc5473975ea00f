/** What the suite gives inputs of the operator library by their names, where not every number makes sense. */
import type { DenseDeclaration } from '../dsl/lang/declare.ts';
import type { Random } from './random.ts';

/** Draws the `length` elements of an input, given all dimensions of the call and the range that it declares. */
export type Contents = (
  random: Random,
  dims: Readonly<Record<string, number>>,
  length: number,
  range: DenseDeclaration['range'],
) => readonly number[];

export type NamedContents = Readonly<Record<string, Contents>>;

const each =
  (draw: (random: Random, dims: Readonly<Record<string, number>>) => number): Contents =>
  (random, dims, length) =>
    Array.from({ length }, () => draw(random, dims));

/** No two rows of a step are one sequence's. */
const stateRows: Contents = (random, { S = 0 }, length) => random.permutation(S).slice(0, length);

export const libraryContents: NamedContents = {
  stateRow: stateRows,
  keptRow: (random, dims, length, range) =>
    stateRows(random, dims, length, range).map((row) => random.pick([row, row, -1])),
  temperature: each((random) => random.pick([0, 0.01, 0.7, 1, 10])),
  p: each((random) => random.pick([0, 1e-6, 0.1, 0.5, 0.9, 1, 1.5])),
  k: each((random, { V = 1 }) => random.pick([-1, 0, 1, 2, Math.ceil(V / 2), V - 1, V, V + 3])),
  repetition: each((random) => random.pick([1, 1.3, 0.8])),
  presence: each((random) => random.pick([0, 0.5, -0.25])),
  frequency: each((random) => random.pick([0, 0.25, -0.5])),
  usePenalties: each((random) => random.pick([0, 1, 1])),
  seed: each((random) => random.integer(-(2 ** 31), 2 ** 31)),
  position: each((random) => random.integer(0, 5000)),
  // Where the operator takes any, of another rank's rows, below and above, as well as of this one's.
  ids: (random, { V = 1 }, length, range) =>
    Array.from({ length }, () => random.integer(range?.low ?? 0, range?.high ?? V + 6)),
  inverseFrequency: each((random) => 10 ** (-4 * random.uniform())),
};
