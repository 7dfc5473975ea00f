/** Contents of one input of a call, from what it declares: its type, its range, its being a cache. */
import type { DenseDeclaration, TensorDeclaration } from '../dsl/lang/declare.ts';
import type { FloatType } from '../dsl/lang/rounding.ts';
import type { Value } from '../dsl/lang/values.ts';
import type { Contents } from './library-contents.ts';
import type { Draw } from './operator-draws.ts';
import type { Random } from './random.ts';
import { product, rounded } from './tensors.ts';

export interface TensorDraw {
  readonly dims: Readonly<Record<string, number>>;
  /** Positions of a paged cache. */
  readonly slots: number;
  readonly draw: Draw;
  readonly element: FloatType;
  readonly random: Random;
  /** Whether the operator writes a dense state, whose slots its index tensors may be. */
  readonly writesState: boolean;
  /** In place of what follows from the declaration. */
  readonly own: Contents | undefined;
}

export function drawTensor(declaration: TensorDeclaration, settings: TensorDraw): Value {
  const { dims, slots, draw, element, random, own } = settings;
  const number = () => (draw.ties ? random.integer(-6, 7) / 2 : 1.5 * random.normal());
  if (declaration.kind === 'paged') {
    const rows = Object.entries(declaration.fields).map(([field, row]) => {
      return [field, rounded(element, Array.from({ length: slots * product(row) }, number))];
    });
    return { fields: Object.fromEntries(rows) };
  }
  const length = product(declaration.shape);
  const storage = declaration.element === 'f32' ? 'f32' : element;
  if (own !== undefined) {
    const values = own(random, dims, length, declaration.range);
    return declaration.element === 'i32' ? Int32Array.from(values) : rounded(storage, values);
  }
  if (declaration.element === 'i32') return Int32Array.from(integers(declaration, length, settings));
  const special = draw.special && declaration.element === 'f32' && dims.V !== undefined;
  return rounded(
    storage,
    Array.from({ length }, () => (special ? specialOr(number(), random) : number())),
  );
}

function integers({ range }: DenseDeclaration, length: number, { random, writesState }: TensorDraw): readonly number[] {
  if (!range) return Array.from({ length }, () => random.integer(0, 5));
  const { low, high } = range;
  // Two writes of one slot have no order.
  if (writesState && length <= high - low)
    return random
      .permutation(high - low)
      .slice(0, length)
      .map((place) => low + place);
  // What lies below 0 means something of its own, and would be rare in a range that is mostly above.
  return Array.from({ length }, () => random.integer(low, low < 0 && random.uniform() < 0.4 ? 0 : high));
}

function specialOr(value: number, random: Random): number {
  const choice = random.uniform();
  if (choice < 0.1) return Number.NEGATIVE_INFINITY;
  return choice < 0.15 ? Number.NaN : value;
}
