/** What the operator suite draws for a call: counts, ragged batches over a paged cache, and the contents of every input. */
import type { Batch } from '../dsl/lang/batch.ts';
import { dimensionNames, type TensorDeclaration } from '../dsl/lang/declare.ts';
import type { FloatType } from '../dsl/lang/rounding.ts';
import type { Value } from '../dsl/lang/values.ts';
import { drawTensor } from './draw-tensor.ts';
import { libraryContents, type NamedContents } from './library-contents.ts';
import { dimsOf, type OperatorCall, type OperatorCase, raggedAxis } from './operator-library.ts';
import { Random } from './random.ts';
import { product } from './tensors.ts';

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

/**
 * A call that fits the case. `blockSize` is the library's; blocks lie in the cache in a random order, one between unused. Inputs of
 * the names in `contents` are drawn as it says, all others from what they declare.
 */
export function drawCall(
  subject: OperatorCase,
  draw: Draw,
  element: FloatType,
  blockSize: number,
  contents: NamedContents = libraryContents,
): OperatorCall {
  const random = new Random(draw.seed);
  const sequences = affordable(draw.sequences, widthOf(subject));
  const batch = isRagged(subject) ? drawBatch(sequences, blockSize, draw.skipped, random) : undefined;
  const counts = drawCounts(subject, batch, Math.min(draw.rows, affordableRows(subject)));
  const slots = batch ? blockSize * (1 + Math.max(-1, ...(batch.blockTable ?? []).flat()) + 1) : 0;
  const dims = dimsOf(subject, { counts, ...(batch && { batch }) });
  const writesState = Object.values(subject.operator.spec.outputs(dims)).some(isState);
  const inputs = Object.entries(subject.operator.spec.inputs(dims)).map(([name, declaration]): [string, Value] => {
    const own = contents[name];
    return [name, drawTensor(declaration, { dims, slots, draw, element, random, writesState, own })];
  });
  return { counts, inputs: Object.fromEntries(inputs), ...(batch && { batch }) };
}

export function isRagged({ operator }: OperatorCase): boolean {
  return raggedAxis(operator) !== null;
}

function isState(declaration: TensorDeclaration): boolean {
  return declaration.kind === 'dense' && declaration.state;
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

function drawCounts({ operator, features }: OperatorCase, batch: Batch | undefined, rows: number) {
  const axis = raggedAxis(operator);
  const names = dimensionNames(operator.spec.dims).filter(
    (name) => features[name] === undefined && name !== axis?.sequences,
  );
  const sizeOf = (name: string): number => {
    if (name === axis?.tokens) return batch?.cuSeqlens.at(-1) ?? 0;
    // Every row has a row of the state of its own, and some rows belong to sequences that are not in the step.
    return name === 'S' ? rows + 2 : rows;
  };
  return Object.fromEntries(names.map((name) => [name, sizeOf(name)]));
}
