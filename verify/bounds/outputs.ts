/** The outputs of an operator with the bound of each element: what a compiled program may give. */
import type {
  AttendDefinition,
  Definition,
  MapDefinition,
  OperatorIr,
  ScatterDefinition,
} from '../../codegen/ir/operator.ts';
import { slotOf, withBatch } from '../../dsl/lang/batch.ts';
import type { TensorDeclaration } from '../../dsl/lang/declare.ts';
import { forEachIndex, sizeOf, type Value } from '../../dsl/lang/values.ts';
import { dimsOf, type OperatorCall, type OperatorCase } from '../operator-library.ts';
import { type Approximate, anything, exactly, isExact } from './approximate.ts';
import { approximation, type Environment } from './expressions.ts';

/** By the outputs' names; a cache has each field, as `kv.k`. */
export type ApproximateOutputs = Readonly<Record<string, readonly Approximate[]>>;

/** `before` has the inputs that an operator before gave, as they are stored; all others are what the call says. */
export function approximateOutputs(
  ir: OperatorIr,
  subject: OperatorCase,
  call: OperatorCall,
  before: ApproximateOutputs = {},
): ApproximateOutputs {
  const dims = dimsOf(subject, call);
  const { spec } = subject.operator;
  const declared = spec.inputs(dims);
  const outputs = spec.outputs(dims);
  const environment: Environment = {
    dims,
    attrs: subject.attrs,
    load: (tensor, field, indices) => elementOf(declared[tensor], call.inputs[tensor], before, tensor, field, indices),
    indices: new Map(),
  };
  return withBatch(call.batch ?? null, () =>
    Object.fromEntries(
      ir.definitions.flatMap((definition) => {
        const { output } = definition;
        const declaration = outputs[output];
        if (definition.kind === 'scatter' && declaration !== undefined)
          return runScatter(definition, declaration, environment, call, before);
        if (declaration?.kind !== 'dense' || definition.kind === 'scatter') throw new Error(`${output} is not dense`);
        return [[output, run(definition, declaration.shape, environment)] as const];
      }),
    ),
  );
}

function elementOf(
  declaration: TensorDeclaration | undefined,
  data: Value | undefined,
  before: ApproximateOutputs,
  tensor: string,
  field: string | null,
  indices: readonly number[],
): Approximate {
  if (declaration?.kind === 'paged' && field !== null) {
    const row = declaration.fields[field] ?? [];
    const [sequence = 0, position = 0, ...rest] = indices;
    const offset = offsetOf([sizeOf(row), ...row], [slotOf(sequence, position), ...rest]);
    const known = before[`${tensor}.${field}`];
    if (known) return known[offset] ?? anything(Number.NaN);
    if (data !== undefined && 'fields' in data) return exactly(data.fields[field]?.[offset] ?? Number.NaN);
  }
  if (declaration?.kind !== 'dense') throw new Error(`${tensor} is not given`);
  const offset = offsetOf(declaration.shape, indices);
  const known = before[tensor];
  if (known) return known[offset] ?? anything(Number.NaN);
  if (data === undefined || 'fields' in data) throw new Error(`${tensor} is not given`);
  return exactly(data[offset] ?? Number.NaN);
}

/** Row-major. The oracle has checked that indices lie in their tensor. */
function offsetOf(shape: readonly number[], indices: readonly number[]): number {
  return indices.reduce((offset, index, axis) => offset * (axis === 0 ? 1 : (shape[axis] ?? 0)) + index, 0);
}

function run(
  definition: Exclude<Definition, ScatterDefinition>,
  shape: readonly number[],
  environment: Environment,
): readonly Approximate[] {
  return definition.kind === 'map' ? runMap(definition, shape, environment) : runAttend(definition, shape, environment);
}

function runMap({ indices, value }: MapDefinition, shape: readonly number[], environment: Environment) {
  const element = approximation(value);
  const output: Approximate[] = [];
  forEachIndex(shape, (index, place) => {
    for (const [axis, variable] of indices.entries()) environment.indices.set(variable.id, index[axis] ?? 0);
    output[place] = element(environment);
  });
  return output;
}

/** The state's next version, a cache's field by field. */
function runScatter(
  { output: name, variable, extent, slot, writes }: ScatterDefinition,
  declaration: TensorDeclaration,
  environment: Environment,
  { inputs }: OperatorCall,
  before: ApproximateOutputs,
): readonly (readonly [string, readonly Approximate[]])[] {
  const rows = approximation(extent)(environment).value;
  const slots = slot.map(approximation);
  return writes.map((write) => {
    const key = write.field === null ? name : `${name}.${write.field}`;
    const given = inputs[name];
    const data = given !== undefined && 'fields' in given ? given.fields[write.field ?? ''] : given;
    const output = [...(before[key] ?? Array.from(data ?? [], exactly))];
    const field = declaration.kind === 'paged' ? (declaration.fields[write.field ?? ''] ?? []) : [];
    const shape = declaration.kind === 'paged' ? [sizeOf(field), ...field] : declaration.shape;
    const value = approximation(write.value);
    for (let n = 0; n < rows; n++) {
      environment.indices.set(variable.id, n);
      const leading = slots.map((at) => at(environment));
      // No one knows where a place that f32 may choose otherwise is.
      if (!leading.every(isExact)) output.fill(anything(Number.NaN));
      if (leading.some(({ value: index }) => index < 0)) continue;
      const at = leading.map(({ value: index }) => index);
      forEachIndex(shape.slice(slot.length), (index) => {
        for (const [axis, inner] of write.indices.entries()) environment.indices.set(inner.id, index[axis] ?? 0);
        output[offsetOf(shape, [...at, ...index])] = value(environment);
      });
    }
    return [key, output] as const;
  });
}

/** The share of a weight that its two terms of 16 bits lose on tensor cores; see docs/decisions.md. */
const SPLIT = 2 ** -14;
const UNIT = 2 ** -24;

function runAttend(definition: AttendDefinition, shape: readonly number[], environment: Environment) {
  const { indices, key, valueIndex } = definition;
  const [low, high] = [approximation(definition.low), approximation(definition.high)];
  const [score, value] = [approximation(definition.score), approximation(definition.value)];
  const mask = definition.mask ? approximation(definition.mask) : null;
  const width = shape.at(-1) ?? 1;
  const output: Approximate[] = [];
  forEachIndex(shape.slice(0, -1), (index, row) => {
    const put = (id: number, at: number): Map<number, number> => environment.indices.set(id, at);
    for (const [axis, variable] of indices.entries()) put(variable.id, index[axis] ?? 0);
    const keys: { readonly j: number; readonly score: Approximate }[] = [];
    let isSettled = true;
    const [first, end] = [low(environment), high(environment)];
    isSettled &&= isExact(first) && isExact(end);
    for (let j = first.value; j < end.value; j++) {
      put(key.id, j);
      const taken = mask?.(environment) ?? exactly(1);
      isSettled &&= isExact(taken);
      if (taken.value === 1) keys.push({ j, score: score(environment) });
    }
    for (let d = 0; d < width; d++) {
      put(valueIndex.id, d);
      const values = keys.map(({ j }) => {
        put(key.id, j);
        return value(environment);
      });
      const mean = weightedMean(
        keys.map((taken) => taken.score),
        values,
      );
      output[row * width + d] = isSettled ? mean : anything(mean.value);
    }
  });
  return output;
}

/** sum of softmax(scores) * values: a weight is off by what its score and the largest one are, and by rounding. */
function weightedMean(scores: readonly Approximate[], values: readonly Approximate[]): Approximate {
  if (scores.length === 0) return exactly(0);
  const largest = Math.max(...scores.map(({ value }) => value));
  const widest = Math.max(...scores.map(({ error }) => error));
  const weights = scores.map(({ value }) => Math.exp(value - largest));
  const sum = weights.reduce((partial, weight) => partial + weight, 0);
  const mean = weights.reduce((partial, weight, j) => partial + weight * (values[j]?.value ?? Number.NaN), 0) / sum;
  let error = 0;
  for (const [j, weight] of weights.entries()) {
    const { value, error: own } = values[j] ?? anything(Number.NaN);
    const exponent = (scores[j]?.error ?? 0) + widest + UNIT * Math.abs((scores[j]?.value ?? 0) - largest);
    const relative = Math.expm1(exponent) + SPLIT + 8 * scores.length * UNIT;
    error += (weight * (relative * (Math.abs(value) + Math.abs(mean)) + own)) / sum;
  }
  return Number.isFinite(mean) && Number.isFinite(error) ? { value: mean, error } : anything(mean);
}
