/**
 * The oracle: runs an author's `define` as it stands, in f64, over flat row-major arrays. Loads widen, stores round once to
 * the declared element type. Slow and obvious; every compiled execution is held to it.
 */
import type { Attended } from './attend.ts';
import { type Batch, slotOf, withBatch } from './batch.ts';
import {
  type Declarations,
  type DeclaredElement,
  type DenseDeclaration,
  dimensionNames,
  type PagedDeclaration,
  type Shape,
  type TensorDeclaration,
} from './declare.ts';
import { LanguageError, type LanguageErrorCode } from './error.ts';
import type { Definition, Load, Loads, Operator } from './operator.ts';
import { type FloatType, roundTo, type StorageType } from './rounding.ts';
import type { Scattered } from './scatter.ts';
import {
  allocate,
  copyOf,
  type EvaluatedValue,
  forEachIndex,
  type PagedValue,
  sizeOf,
  slotsOf,
  type Value,
} from './values.ts';

/** What act, weight and cache are bound to. */
export interface ElementTypes {
  /** Of activations: `act(…)`. */
  readonly act: FloatType;
  /** Of the checkpoint's tensors: `weight(…)`. */
  readonly weight: FloatType;
  /** Of keys and values: `cache(…)`, `kvCache(…)`. */
  readonly cache: FloatType;
}

type EvaluatedOf<Declaration> = Declaration extends PagedDeclaration
  ? PagedValue<Float64Array>
  : Declaration extends DenseDeclaration<'i32'>
    ? Int32Array
    : Float64Array;

/** A call of an operator in the oracle: all dimensions, inputs as flat row-major arrays, attributes, types of elements. */
export interface Evaluation {
  /** Every dimension but that of the sequences of a ragged pair, which the batch gives. */
  readonly dims: Readonly<Record<string, number>>;
  /** By declared name; states among them are not written to. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** By declared name, in the units that the operator gives them (an epsilon, a factor). */
  readonly attrs?: Readonly<Record<string, number>>;
  /** Needed by operators that ask about tokens or sequences, or read a paged cache. */
  readonly batch?: Batch;
  /** bf16 unless given. */
  readonly elements?: Partial<ElementTypes>;
}

/**
 * The outputs of an operator by name, flat and row-major in the shapes that it declares, each element rounded once to its type.
 *
 * @throws LanguageError where the call does not fit the operator: `dimension` and `shape` for what is missing or of another size, `where`
 * for dimensions that it excludes, and `output`, `scatter`, `attend` for a `define` that gives something else than was declared.
 * @throws RangeError where its source reads or writes outside of a tensor, naming operator, tensor and index.
 */
export function evaluate<Outputs extends Declarations>(
  operator: Operator<Outputs>,
  call: Evaluation,
): { readonly [Name in keyof Outputs]: EvaluatedOf<Outputs[Name]> };
export function evaluate(operator: Operator, call: Evaluation): Readonly<Record<string, EvaluatedValue>> {
  const { spec } = operator;
  const dims = completeDims(operator, call);
  if (spec.where?.(dims).includes(false)) {
    throw fault(operator, 'where', 'does not hold for these dimensions', 'Give dimensions that meet its where.');
  }
  const elements: ElementTypes = { act: 'bf16', weight: 'bf16', cache: 'bf16', ...call.elements };
  const store = (element: DeclaredElement) => storageOf(element, elements);
  return withBatch(call.batch ?? null, () => {
    const loads = Object.entries(spec.inputs(dims)).map(([name, declaration]) => {
      return [name, loadsOf(operator, name, declaration, call.inputs[name])] as const;
    });
    const definitions = spec.define(dims, Object.fromEntries(loads), call.attrs ?? {});
    const outputs = Object.entries(spec.outputs(dims)).map(([name, declaration]) => {
      const definition = definitions[name];
      if (definition === undefined) throw fault(operator, 'output', `does not define ${name}`, 'Define every output.');
      if (typeof definition === 'function')
        return [name, evaluateDense(operator, name, declaration, definition, store)];
      return [name, applyScatter(operator, name, declaration, definition, call.inputs[name], store)];
    });
    return Object.fromEntries(outputs);
  });
}

function completeDims(operator: Operator, call: Evaluation): Readonly<Record<string, number>> {
  const { dims: declared } = operator.spec;
  const sequences = call.batch?.contextLens.length ?? 0;
  const ragged = declared.flatMap((dim) => (typeof dim === 'string' ? [] : [[dim.sequences, sequences]]));
  const dims = { ...Object.fromEntries(ragged), ...call.dims };
  const missing = dimensionNames(declared).filter((name) => dims[name] === undefined);
  if (missing.length === 0) return dims;
  throw fault(operator, 'dimension', `is evaluated without ${missing.join(', ')}`, 'Give every dimension a size.');
}

/** The input as the author's function of indices; every index is checked. */
function loadsOf(operator: Operator, name: string, declaration: TensorDeclaration, value: Value | undefined): Loads {
  if (declaration.kind === 'dense') {
    const data = denseValue(operator, name, declaration, value);
    const { shape, range } = declaration;
    return (...index) => {
      const content = data[offsetOf(operator, name, shape, index)] ?? Number.NaN;
      if (range !== null && !(content >= range.low && content < range.high))
        throw new RangeError(
          `${operator.definedAt()}: ${name}[${index.join(', ')}] is ${content}, and [${range.low}, ${range.high}) is declared`,
        );
      return content;
    };
  }
  const fields = Object.entries(declaration.fields).map(([field, row]): [string, Load] => {
    const data = pagedField(operator, name, field, value);
    const shape = [slotsOf(data, row), ...row];
    const label = `${name}.${field}`;
    return [
      field,
      (sequence, position, ...index) => {
        const slot = slotOf(sequence ?? 0, position ?? 0);
        return data[offsetOf(operator, label, shape, [slot, ...index])] ?? Number.NaN;
      },
    ];
  });
  return Object.fromEntries(fields);
}

function evaluateDense(
  operator: Operator,
  name: string,
  declaration: TensorDeclaration,
  definition: Exclude<Definition, Scattered<never>> & ((...index: readonly number[]) => number | Attended),
  store: (element: DeclaredElement) => StorageType,
): Float64Array | Int32Array {
  if (declaration.kind === 'paged')
    throw fault(operator, 'scatter', `defines ${name} by a function`, 'Write it by scatter.');
  const { shape, element } = declaration;
  const output = allocate(element, sizeOf(shape));
  const width = shape.at(-1) ?? 1;
  const put = (offset: number, value: number) => {
    output[offset] = rounded(operator, name, store(element), value);
  };
  forEachIndex(shape.slice(0, -1), (leading, row) => {
    if (width === 0) return;
    const first = definition(...leading, 0);
    for (let d = 0; d < width; d++) {
      const value = typeof first !== 'number' ? first.at(d) : d === 0 ? first : definition(...leading, d);
      if (typeof value !== 'number')
        throw fault(operator, 'attend', `mixes attend and numbers in ${name}`, 'Let attend be the whole of an output.');
      put(row * width + d, value);
    }
  });
  return output;
}

/** A copy of the state with the writes of one step, which go to places of their own; all of them read the version before. */
function applyScatter(
  operator: Operator,
  name: string,
  declaration: TensorDeclaration,
  { extent, write }: Exclude<Definition, (...index: readonly number[]) => number | Attended>,
  before: Value | undefined,
  store: (element: DeclaredElement) => StorageType,
): EvaluatedValue {
  const put = (
    target: Float64Array | Int32Array,
    label: string,
    shape: Shape,
    slot: readonly number[],
    value: unknown,
    element: DeclaredElement,
  ) => {
    forEachIndex(shape.slice(slot.length), (rest) => {
      const number = typeof value === 'function' ? value(...rest) : value;
      target[offsetOf(operator, label, shape, [...slot, ...rest])] = rounded(operator, label, store(element), number);
    });
  };
  if (declaration.kind === 'dense') {
    const next = copyOf(declaration.element, denseValue(operator, name, declaration, before));
    const claim = claims(operator, name);
    for (let n = 0; n < extent; n++) {
      const { slot, value } = write(n);
      const leading = Array.isArray(slot) ? slot : [];
      if (leading.every((index) => index >= 0) && claim(leading))
        put(next, name, declaration.shape, leading, value, declaration.element);
    }
    return next;
  }
  const fields = Object.entries(declaration.fields).map(([field, row]) => {
    const next = Float64Array.from(pagedField(operator, name, field, before));
    const claim = claims(operator, name);
    for (let n = 0; n < extent; n++) {
      const written = write(n);
      const slot = typeof written.slot === 'number' ? written.slot : -1;
      if (slot >= 0 && claim([slot]))
        put(next, `${name}.${field}`, [slotsOf(next, row), ...row], [slot], written[field], 'cache');
    }
    return [field, next] as const;
  });
  return { fields: Object.fromEntries(fields) };
}

/** True for a place that no write of the step has taken; targets write in no order, so a second one is a RangeError. */
function claims(operator: Operator, tensor: string): (slot: readonly number[]) => true {
  const taken = new Set<string>();
  return (slot) => {
    const place = slot.join(', ');
    if (taken.has(place))
      throw new RangeError(`${operator.definedAt()}: ${tensor}[${place}] is written twice in one step`);
    taken.add(place);
    return true;
  };
}

function denseValue(
  operator: Operator,
  name: string,
  { shape }: DenseDeclaration,
  value: Value | undefined,
): ArrayLike<number> {
  if (value === undefined || 'fields' in value || value.length !== sizeOf(shape)) {
    const found = value === undefined ? 'none' : 'fields' in value ? 'a paged one' : `${value.length} numbers`;
    throw fault(
      operator,
      'shape',
      `takes ${name} of shape [${shape.join(', ')}] and is given ${found}`,
      'Give a flat array of that many numbers.',
    );
  }
  return value;
}

function pagedField(operator: Operator, name: string, field: string, value: Value | undefined): ArrayLike<number> {
  const data = value !== undefined && 'fields' in value ? value.fields[field] : undefined;
  if (data !== undefined) return data;
  throw fault(
    operator,
    'shape',
    `is given no field ${field} of ${name}`,
    'Give { fields } with the rows of each field by slot.',
  );
}

/** Row-major; a loop of its own, since every load and store of the oracle comes here. */
function offsetOf(operator: Operator, tensor: string, shape: Shape, index: readonly number[]): number {
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    const at = index[axis] ?? -1;
    const extent = shape[axis] ?? 0;
    if (!(at >= 0 && at < extent && Number.isInteger(at)) || index.length !== shape.length) {
      throw new RangeError(
        `${operator.definedAt()}: ${tensor}[${index.join(', ')}] lies outside of [${shape.join(', ')}]`,
      );
    }
    offset = offset * extent + at;
  }
  return offset;
}

function rounded(operator: Operator, tensor: string, type: StorageType, value: number): number {
  if (type === 'i32' && !Number.isInteger(value))
    throw new RangeError(`${operator.definedAt()}: ${tensor} is i32 and gets ${value}`);
  return roundTo(type, value);
}

function storageOf(element: DeclaredElement, elements: ElementTypes): StorageType {
  return element === 'f32' || element === 'i32' ? element : elements[element];
}

function fault(operator: Operator, code: LanguageErrorCode, message: string, mend: string): LanguageError {
  return new LanguageError(code, `the operator of ${operator.definedAt()} ${message}`, mend);
}
