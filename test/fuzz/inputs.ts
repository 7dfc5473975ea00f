/** What a random program is run on: counts, a batch, and contents that every element type holds exactly. */
import type { Batch } from '../../dsl/lang/batch.ts';
import type { TensorDeclaration } from '../../dsl/lang/declare.ts';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import { sizeOf, type Value } from '../../dsl/lang/values.ts';
import { drawBatch, isRagged, type Sequence } from '../../verify/operator-draws.ts';
import { dimsOf, type OperatorCase } from '../../verify/operator-library.ts';
import { Random } from '../../verify/random.ts';
import { product, rounded } from '../../verify/tensors.ts';

/** A step: every count but that of the sequences, and each tensor that no operator before gives. */
export interface ProgramCall {
  readonly counts: Readonly<Record<string, number>>;
  readonly values: Readonly<Record<string, Value>>;
  readonly batch?: Batch;
}

/** Whether there is anything in a step. */
export type Load = 'some' | 'empty';

/** `operators` in the order of their calls. */
export function drawInputs(
  operators: readonly OperatorCase[],
  element: FloatType,
  seed: number,
  settings: { readonly mostRows: number; readonly blockSize: number; readonly load: Load },
): ProgramCall {
  const random = new Random(seed);
  const { mostRows, blockSize, load } = settings;
  const ragged = operators.some(isRagged);
  const sequences = ragged ? drawSequences(random, load === 'empty' ? 0 : mostRows) : [];
  const batch = ragged ? drawBatch(sequences, blockSize, random.uniform() < 0.25, random) : undefined;
  const rows = load === 'empty' ? 0 : random.integer(mostRows > 8 ? 9 : 1, mostRows + 1);
  const owned = batch?.cuSeqlens.at(-1) ?? 0;
  // Tokens past the last sequence are padding.
  const padding = owned > 0 && batch?.slot === undefined && random.uniform() < 0.3 ? 1 : 0;
  const counts = { T: batch ? owned + padding : rows, R: rows, S: rows + 2 };
  const slots = blockSize * (2 + Math.max(-1, ...(batch?.blockTable ?? []).flat()));
  const values = new Map<string, Value>();
  const made = new Set<string>();
  for (const subject of operators) {
    const dims = dimsOf(subject, { counts, ...(batch && { batch }) });
    const { spec } = subject.operator;
    for (const [name, declaration] of Object.entries(spec.inputs(dims)))
      if (!values.has(name) && !made.has(name)) values.set(name, drawTensor(name, declaration, element, slots, random));
    for (const name of Object.keys(spec.outputs(dims))) made.add(name);
  }
  return { counts, values: Object.fromEntries(values), ...(batch && { batch }) };
}

/** `most` tokens in all; some behind others that came before, and some sequences without a token. */
function drawSequences(random: Random, most: number): readonly Sequence[] {
  const sequences: Sequence[] = [];
  for (let left = most === 0 ? 0 : random.integer(1, most + 1); left > 0; ) {
    const tokens = random.integer(1, left + 1);
    if (random.uniform() < 0.15) sequences.push({ tokens: 0, cached: random.pick([0, 3]) });
    sequences.push({ tokens, cached: random.pick([0, 0, 3, 15, 17]) });
    left -= tokens;
  }
  return sequences;
}

/**
 * Eighths between -2 and 2, of which many are equal, or normal numbers, of which none are: comparisons are either exact or
 * seldom close. Rows of a state are written once each.
 */
function drawTensor(
  name: string,
  declaration: TensorDeclaration,
  element: FloatType,
  slots: number,
  random: Random,
): Value {
  if (declaration.kind === 'paged') {
    const fields = Object.entries(declaration.fields).map(([field, row]) => {
      const values = Array.from({ length: slots * product(row) }, () => random.integer(-16, 17) / 8);
      return [field, rounded(element, values)] as const;
    });
    return { fields: Object.fromEntries(fields) };
  }
  const size = sizeOf(declaration.shape);
  const { range } = declaration;
  if (name.startsWith('rows')) {
    const order = random.permutation(range?.high ?? size);
    return Int32Array.from({ length: size }, (_, r) => (random.uniform() < 0.2 ? -1 : (order[r] ?? 0)));
  }
  if (range) return Int32Array.from({ length: size }, () => random.integer(range.low, range.high));
  if (declaration.element === 'i32') return Int32Array.from({ length: size }, () => random.integer(-3, 6));
  const areEighths = random.uniform() < 0.6;
  const values = Array.from({ length: size }, () => (areEighths ? random.integer(-16, 17) / 8 : random.normal()));
  return rounded(declaration.element === 'f32' ? 'f32' : element, values);
}
