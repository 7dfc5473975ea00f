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
    const [tensor = name, field] = name.split('.');
    const declaration = declarations[tensor];
    const output = outputs[tensor];
    const found = output !== undefined && 'fields' in output ? output.fields[field ?? ''] : output;
    if (declaration === undefined || found?.length !== elements.length)
      throw new Error(`there is no ${name} of ${elements.length} elements`);
    const storage = storageOf(declaration.kind === 'dense' ? declaration.element : 'cache', element);
    const judgement = judgeElements(elements, found, storage);
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

/** A number as it reads back from memory; a `relaxed` one may be read before it is rounded. */
export function stored({ value, error }: Approximate, storage: StorageType, isRelaxed = false): Approximate {
  if (storage === 'i32') return { value, error };
  if (error === Number.POSITIVE_INFINITY || Number.isNaN(value)) return { value: roundTo(storage, value), error };
  const rounded = roundTo(storage, value);
  const [low, high] = [value - SECOND_ORDER * error, value + SECOND_ORDER * error];
  const [least, most] = [roundTo(storage, low), roundTo(storage, high)];
  if (!Number.isFinite(least) || !Number.isFinite(most))
    return { value: rounded, error: least === most ? 0 : Number.POSITIVE_INFINITY };
  const unrounded = isRelaxed ? Math.max(high - rounded, rounded - low) : 0;
  return { value: rounded, error: Math.max(most - rounded, rounded - least, unrounded) };
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
