/** attend and scatter: the two forms that are the whole of an output, each described by an object of its parts. */
import type { Node } from 'ts-morph';
import { nearestName } from '../diagnostics/nearest.ts';
import type { Expression, IndexVariable } from '../ir/expression.ts';
import { callWithIndex, indexValue, isCallable } from './builtins.ts';
import { callValue } from './evaluate.ts';
import { parameterNames } from './functions.ts';
import { asFloat, asIndex, asNumber, condition } from './operators.ts';
import { type Reader, spanOf, textOf } from './reader.ts';
import { argumentNode } from './tensors.ts';
import { type AttendValue, describeValue, type ScatterValue, type Value } from './values.ts';

type Described = Value & { kind: 'record' };

/** attend(range(low, high), j => ({ score, value, mask? })) */
export function callAttend(reader: Reader, args: readonly Value[], at: Node): AttendValue {
  const [keys, describe] = args;
  if (keys?.kind !== 'range') throw reader.refusal(argumentNode(at, 0), 'attend-range', textOf(argumentNode(at, 0)));
  const node = argumentNode(at, 1);
  const { variable: key, result } = describeWithIndex(reader, 'attend', describe, node, 'j');
  checkParts(reader, 'attend', result, ['score', 'value'], ['mask'], node);
  const score = asFloat(reader, part(result, 'score'), node);
  const mask = result.entries.get('mask');
  const value = part(result, 'value');
  if (!isCallable(value)) throw reader.refusal(node, 'attend-value', describeValue(value));
  const { variable: valueIndex, result: element } = callWithIndex(reader, value, node, 'd');
  return {
    kind: 'attend',
    key,
    low: keys.low,
    high: keys.high,
    score,
    mask: mask === undefined || (mask.kind === 'boolean' && mask.value) ? null : condition(reader, mask, node),
    valueIndex,
    value: asFloat(reader, element, node),
    span: spanOf(at),
  };
}

/** scatter(N, n => ({ slot, [field]: (...index) => value })) */
export function callScatter(reader: Reader, args: readonly Value[], at: Node): ScatterValue {
  const [extentValue, describe] = args;
  if (extentValue === undefined) throw reader.refusal(at, 'argument-count', 'scatter', 2, 0);
  const extent = asIndex(reader, extentValue, argumentNode(at, 0), 'the extent of a scatter');
  const node = argumentNode(at, 1);
  const { variable, result } = describeWithIndex(reader, 'scatter', describe, node, 'n');
  checkParts(reader, 'scatter', result, ['slot'], null, node);
  const slotValue = part(result, 'slot');
  const slots = slotValue.kind === 'list' ? slotValue.items : [slotValue];
  const slot = slots.map((item) => asIndex(reader, item, node, 'a slot'));
  const writes = new Map<string, { indices: readonly IndexVariable[]; value: Expression }>();
  for (const [name, write] of result.entries) {
    if (name !== 'slot') writes.set(name, readWrite(reader, write, node));
  }
  return { kind: 'scatter', variable, extent, slot, writes, span: spanOf(at) };
}

/** What a scatter writes: a scalar, or a function of the axes that the slot leaves. */
function readWrite(
  reader: Reader,
  write: Value,
  at: Node,
): { readonly indices: readonly IndexVariable[]; readonly value: Expression } {
  if (!isCallable(write)) return { indices: [], value: asNumber(reader, write, at) };
  const names = write.kind === 'function' ? parameterNames(write) : tensorAxes(write);
  const indices = names.map((name) => reader.freshIndex(name));
  const value = callValue(
    reader,
    write,
    indices.map((variable) => indexValue(variable, at)),
    at,
  );
  return { indices, value: asNumber(reader, value, at) };
}

function tensorAxes(write: Value): readonly string[] {
  return write.kind === 'tensor' ? write.declaration.shape.map((_, axis) => `i${axis}`) : ['i'];
}

function describeWithIndex(reader: Reader, form: string, describe: Value | undefined, node: Node, fallback: string) {
  if (describe === undefined || !isCallable(describe)) throw reader.refusal(node, 'not-a-body', form, textOf(node));
  const { variable, result } = callWithIndex(reader, describe, node, fallback);
  if (result.kind !== 'record') throw reader.refusal(node, 'parts-form', form, describeValue(result));
  return { variable, result };
}

/** `optional` null: any further part is a field's. */
function checkParts(
  reader: Reader,
  form: string,
  parts: Described,
  required: readonly string[],
  optional: readonly string[] | null,
  node: Node,
): void {
  const known = [...required, ...(optional ?? [])];
  for (const name of optional === null ? [] : parts.entries.keys()) {
    if (!known.includes(name)) throw reader.refusal(node, 'part-unknown', form, name, known, nearestName(name, known));
  }
  const missing = required.find((name) => !parts.entries.has(name));
  if (missing !== undefined) throw reader.refusal(node, 'part-missing', form, missing);
}

function part(parts: Described, name: string): Value {
  const value = parts.entries.get(name);
  if (value === undefined) throw new Error(`unreachable: ${name} was checked`);
  return value;
}
