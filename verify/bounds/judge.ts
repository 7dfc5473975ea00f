/** Whether what a program gave lies within the bounds of its outputs. */
import { type FloatType, roundTo, type StorageType } from '../../dsl/lang/rounding.ts';
import { dimsOf, type OperatorCall, type OperatorCase, type Outputs, storageOf } from '../operator-library.ts';
import type { Approximate } from './approximate.ts';
import type { ApproximateOutputs } from './outputs.ts';

export interface Judgement {
  /** The first element that is wrong; null where none is. */
  readonly wrong: string | null;
  /** Whether the bounds of most elements of each output are narrow enough to tell something. */
  readonly isTelling: boolean;
}

/** The bound of a telling element, as a share of its output's magnitude. */
const TELLING = 2 ** -7;
/** Products of errors, which a first-order bound leaves out. */
const SECOND_ORDER = 1.01;

export function judge(
  element: FloatType,
  subject: OperatorCase,
  call: OperatorCall,
  outputs: Outputs,
  bounds: ApproximateOutputs,
): Judgement {
  const declarations = subject.operator.spec.outputs(dimsOf(subject, call));
  let wrong: string | null = null;
  let isTelling = true;
  for (const [name, elements] of Object.entries(bounds)) {
    const declaration = declarations[name];
    const found = outputs[name];
    if (declaration?.kind !== 'dense') throw new Error(`${name} is not dense`);
    if (found === undefined || 'fields' in found || found.length !== elements.length)
      throw new Error(`there is no ${name} of ${elements.length} elements`);
    const judgement = judgeElements(elements, found, storageOf(declaration.element, element));
    isTelling &&= judgement.isTelling;
    if (judgement.wrong !== null) wrong ??= `${name}${judgement.wrong}`;
  }
  return { wrong, isTelling };
}

/** Of one output; `wrong` begins with the element's place, `share` is the largest distance as a share of its bound. */
export function judgeElements(
  elements: readonly Approximate[],
  found: ArrayLike<number>,
  storage: StorageType,
): Judgement & { readonly share: number } {
  const shares = elements.map((expected, i) => shareOfBound(expected, found[i] ?? Number.NaN, storage));
  const place = shares.findIndex((share) => share > 1);
  const expected = elements[place];
  const wrong = expected
    ? `[${place}] is ${found[place]}, and ${expected.value} is expected, ` +
      `give or take ${expected.error.toPrecision(3)} and rounding to ${storage}`
    : null;
  const share = shares.reduce((most, each) => Math.max(most, each), 0);
  return { wrong, isTelling: tells(elements, storage), share };
}

/** How far an element is from what is expected, as a share of how far it may be; above 1 where it is no value that it may have. */
function shareOfBound({ value, error }: Approximate, found: number, storage: StorageType): number {
  if (error === Number.POSITIVE_INFINITY || Object.is(found, value)) return 0;
  if (storage === 'i32') return found === value ? 0 : Number.POSITIVE_INFINITY;
  if (Number.isNaN(value) || Number.isNaN(found))
    return Number.isNaN(value) === Number.isNaN(found) ? 0 : Number.POSITIVE_INFINITY;
  // Rounding is monotonic.
  const low = roundTo(storage, value - SECOND_ORDER * error);
  const high = roundTo(storage, value + SECOND_ORDER * error);
  const share = Math.abs(found - value) / Math.max(high - value, value - low);
  return found >= low && found <= high ? Math.min(share, 1) : Math.max(share, 1 + Number.EPSILON);
}

function tells(elements: readonly Approximate[], storage: StorageType): boolean {
  if (storage === 'i32') return most(elements, ({ error }) => error === 0);
  const finite = elements.filter(({ value }) => Number.isFinite(value));
  const magnitude = Math.sqrt(finite.reduce((sum, { value }) => sum + value * value, 0) / Math.max(1, finite.length));
  return most(elements, ({ error }) => error <= TELLING * magnitude);
}

const most = (elements: readonly Approximate[], holds: (element: Approximate) => boolean): boolean =>
  2 * elements.filter(holds).length >= elements.length;
