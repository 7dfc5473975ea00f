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
    const storage = storageOf(declaration.element, element);
    isTelling &&= tells(elements, storage);
    const place = elements.findIndex((expected, i) => !isWithin(expected, found[i] ?? Number.NaN, storage));
    const expected = elements[place];
    if (expected)
      wrong ??=
        `${name}[${place}] is ${found[place]}, and ${expected.value} is expected, ` +
        `give or take ${expected.error.toPrecision(3)} and rounding to ${storage}`;
  }
  return { wrong, isTelling };
}

function isWithin({ value, error }: Approximate, found: number, storage: StorageType): boolean {
  if (error === Number.POSITIVE_INFINITY) return true;
  if (storage === 'i32') return found === value;
  if (Number.isNaN(value)) return Number.isNaN(found);
  // Rounding is monotonic.
  const [low, high] = [value - SECOND_ORDER * error, value + SECOND_ORDER * error];
  return found >= roundTo(storage, low) && found <= roundTo(storage, high);
}

function tells(elements: readonly Approximate[], storage: StorageType): boolean {
  if (storage === 'i32') return most(elements, ({ error }) => error === 0);
  const finite = elements.filter(({ value }) => Number.isFinite(value));
  const magnitude = Math.sqrt(finite.reduce((sum, { value }) => sum + value * value, 0) / Math.max(1, finite.length));
  return most(elements, ({ error }) => error <= TELLING * magnitude);
}

const most = (elements: readonly Approximate[], holds: (element: Approximate) => boolean): boolean =>
  2 * elements.filter(holds).length >= elements.length;
