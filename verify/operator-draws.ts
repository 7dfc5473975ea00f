/** What the operator suite draws for a call: counts, ragged batches over a paged cache, and the contents of every input. */
import type { Batch } from '../dsl/lang/batch.ts';
import { dimensionNames, type TensorDeclaration } from '../dsl/lang/declare.ts';
import type { FloatType } from '../dsl/lang/rounding.ts';
import type { Value } from '../dsl/lang/values.ts';
import { dimsOf, type OperatorCall, type OperatorCase } from './operator-library.ts';
import { Random } from './random.ts';
import { product, rounded } from './tensors.ts';

/** A sequence of a step: tokens computed now, behind tokens whose keys are cached. */
export interface Sequence {
  readonly tokens: number;
  readonly cached: number;
}

export interface Draw {
  readonly seed: number;
  /** Rows of a step: T where an operator is not ragged, and R. */
  readonly rows: number;
  readonly sequences: readonly Sequence[];
  /** Values in steps of a half, so that many are equal. */
  readonly ties: boolean;
  /** Rows of the sampler have some -Infinity and NaN. */
  readonly special: boolean;
  /** Some tokens are not to be stored in the cache. */
  readonly skipped: boolean;
}

/** A call that fits the case. `blockSize` is the library's; blocks lie in the cache in a random order, one between unused. */
export function drawCall(subject: OperatorCase, draw: Draw, element: FloatType, blockSize: number): OperatorCall {
  const random = new Random(draw.seed);
  const declaredDims = subject.operator.spec.dims;
  const sequences = affordable(draw.sequences, widthOf(subject));
  const batch = isRagged(subject) ? drawBatch(sequences, blockSize, draw.skipped, random) : undefined;
  const counts = drawCounts(dimensionNames(declaredDims), batch, Math.min(draw.rows, affordableRows(subject)));
  const slots = batch ? blockSize * (1 + Math.max(-1, ...(batch.blockTable ?? []).flat()) + 1) : 0;
  const dims = dimsOf(subject, { counts, ...(batch && { batch }) });
  const inputs = Object.entries(subject.operator.spec.inputs(dims)).map(([name, declaration]): [string, Value] => {
    return [name, drawTensor(name, declaration, dims, slots, draw, element, random)];
  });
  return { counts, inputs: Object.fromEntries(inputs), ...(batch && { batch }) };
}

export function isRagged({ operator }: OperatorCase): boolean {
  return operator.spec.dims.some((dim) => typeof dim !== 'string');
}

/** Elements that a token has in the outputs. */
function widthOf({ operator, features }: OperatorCase): number {
  const declared = Object.values(operator.spec.outputs({ ...features, T: 1, B: 1, R: 1, S: 1 }));
  const shapes = declared.flatMap((output) =>
    output.kind === 'dense' ? [output.shape] : Object.values(output.fields),
  );
  return Math.max(...shapes.map(product));
}

/** Those of the sequences that the oracle can attend to in a tenth of a second or so, where a token has `width` elements. */
function affordable(sequences: readonly Sequence[], width: number): readonly Sequence[] {
  let work = 0;
  return sequences.filter(({ tokens, cached }) => {
    const cost = tokens * (tokens + cached) * width;
    if (work + cost > 300_000) return false;
    work += cost;
    return true;
  });
}

/** Rows that the oracle can do in a tenth of a second or so; one that reduces over its only feature does so for each element. */
function affordableRows({ features }: OperatorCase): number {
  const width = product(Object.values(features));
  const cost = Object.keys(features).length === 1 ? width * width : width;
  return Math.max(2, Math.floor(600_000 / cost));
}

/** With `skipped`, slots are given and a third of them are negative; else they follow from the block table. */
export function drawBatch(sequences: readonly Sequence[], blockSize: number, skipped: boolean, random: Random): Batch {
  const cuSeqlens = [0];
  for (const { tokens } of sequences) cuSeqlens.push((cuSeqlens.at(-1) ?? 0) + tokens);
  const contextLens = sequences.map(({ tokens, cached }) => tokens + cached);
  const blocksOf = contextLens.map((length) => Math.ceil(length / blockSize));
  const order = random.permutation(blocksOf.reduce((sum, blocks) => sum + blocks, 1));
  let next = 0;
  const blockTable = blocksOf.map((blocks) => {
    next += blocks;
    return order.slice(next - blocks, next);
  });
  const batch = { cuSeqlens, contextLens, blockTable, blockSize };
  if (!skipped) return batch;
  const slot = sequences.flatMap(({ tokens, cached }, s) =>
    Array.from({ length: tokens }, (_, t) => {
      const position = cached + t;
      const block = blockTable[s]?.[Math.floor(position / blockSize)] ?? 0;
      return random.uniform() < 1 / 3 ? -1 : block * blockSize + (position % blockSize);
    }),
  );
  return { ...batch, slot };
}

function drawCounts(
  names: readonly string[],
  batch: Batch | undefined,
  rows: number,
): Readonly<Record<string, number>> {
  const sizes: Readonly<Record<string, number>> = {
    T: batch ? (batch.cuSeqlens.at(-1) ?? 0) : rows,
    R: rows,
    // Every row has a row of the state of its own, and some rows belong to sequences that are not in the step.
    S: rows + 2,
  };
  return Object.fromEntries(names.flatMap((name) => (sizes[name] === undefined ? [] : [[name, sizes[name]]])));
}

/** By input name, where not every number makes sense; `place` counts within the row of the last axis. */
const contents: Readonly<Record<string, (random: Random, dims: Readonly<Record<string, number>>) => number>> = {
  temperature: (random) => random.pick([0, 0.01, 0.7, 1, 10]),
  p: (random) => random.pick([0, 1e-6, 0.1, 0.5, 0.9, 1, 1.5]),
  k: (random, { V = 1 }) => random.pick([-1, 0, 1, 2, Math.ceil(V / 2), V - 1, V, V + 3]),
  repetition: (random) => random.pick([1, 1.3, 0.8]),
  presence: (random) => random.pick([0, 0.5, -0.25]),
  frequency: (random) => random.pick([0, 0.25, -0.5]),
  usePenalties: (random) => random.pick([0, 1, 1]),
  seed: (random) => random.integer(-(2 ** 31), 2 ** 31),
  position: (random) => random.integer(0, 5000),
  // Of another rank's rows, below and above, as well as of this one's.
  ids: (random, { V = 1 }) => random.integer(0, V + 6),
  inverseFrequency: (random) => 10 ** (-4 * random.uniform()),
};

function drawTensor(
  name: string,
  declaration: TensorDeclaration,
  dims: Readonly<Record<string, number>>,
  slots: number,
  draw: Draw,
  element: FloatType,
  random: Random,
): Value {
  const number = () => (draw.ties ? random.integer(-6, 7) / 2 : 1.5 * random.normal());
  if (declaration.kind === 'paged') {
    const rows = Object.entries(declaration.fields).map(([field, row]) => {
      return [field, rounded(element, Array.from({ length: slots * product(row) }, number))];
    });
    return { fields: Object.fromEntries(rows) };
  }
  const length = product(declaration.shape);
  const { range } = declaration;
  // No two rows of a step are one sequence's.
  const rows = () => random.permutation(dims.S ?? 0).slice(0, length);
  if (name === 'stateRow') return Int32Array.from(rows());
  if (name === 'keptRow') return Int32Array.from(rows(), (row) => random.pick([row, row, -1]));
  // What lies below 0 means something of its own, and would be rare in a range that is mostly above.
  const high = () => (range && range.low < 0 && random.uniform() < 0.4 ? 0 : (range?.high ?? 0));
  if (range) return Int32Array.from({ length }, () => random.integer(range.low, high()));
  const draws = contents[name] ?? (declaration.element === 'i32' ? () => random.integer(0, 5) : number);
  const special = draw.special && declaration.element === 'f32' && dims.V !== undefined && draws === number;
  const values = Array.from({ length }, () => (special ? specialOr(draws(random, dims), random) : draws(random, dims)));
  if (declaration.element === 'i32') return Int32Array.from(values);
  return rounded(declaration.element === 'f32' ? 'f32' : element, values);
}

function specialOr(value: number, random: Random): number {
  const choice = random.uniform();
  if (choice < 0.1) return Number.NEGATIVE_INFINITY;
  return choice < 0.15 ? Number.NaN : value;
}
