/** The forms of an operator's head: element types with a shape, ranges of contents, states, paged caches, ragged axes. */
import type { Node } from 'ts-morph';
import type { Expression } from '../ir/expression.ts';
import type { PagedDeclaration } from '../ir/operator.ts';
import type { ElementForm } from './language.ts';
import { asIndex } from './operators.ts';
import type { Reader } from './reader.ts';
import { argumentNode } from './tensors.ts';
import { describeValue, type Value } from './values.ts';

export function declareDense(reader: Reader, element: ElementForm, args: readonly Value[], at: Node): Value {
  const shape = args.map((arg, place) => readExtent(reader, arg, argumentNode(at, place)));
  return { kind: 'declaration', declaration: { kind: 'dense', element, shape, range: null, state: false } };
}

/** `.in(low, high)` of an index tensor: its contents lie in [low, high). */
export function declareContents(
  reader: Reader,
  declared: Value & { kind: 'declaration' },
  args: readonly Value[],
  at: Node,
): Value {
  const { declaration } = declared;
  if (declaration.kind !== 'dense' || declaration.element !== 'i32') throw reader.refusal(at, 'range-of-floats');
  const [low, high] = args.map((arg, place) => asIndex(reader, arg, argumentNode(at, place), 'a bound'));
  if (low === undefined || high === undefined) throw reader.refusal(at, 'argument-count', 'in', 2, args.length);
  return { kind: 'declaration', declaration: { ...declaration, range: { low, high } } };
}

export function declareState(reader: Reader, args: readonly Value[], at: Node): Value {
  const [tensor] = args;
  if (tensor?.kind !== 'declaration' || tensor.declaration.kind !== 'dense') {
    throw reader.refusal(at, 'state-form', tensor === undefined ? 'nothing' : describeValue(tensor));
  }
  return { kind: 'declaration', declaration: { ...tensor.declaration, state: true } };
}

/** kvCache(HK, D, DV = D): keys of D and values of DV for each of HK heads. */
export function declareKvCache(reader: Reader, args: readonly Value[], at: Node): Value {
  const [heads, width, valueWidth = width] = args.map((arg, place) => readExtent(reader, arg, argumentNode(at, place)));
  if (heads === undefined || width === undefined || valueWidth === undefined)
    throw reader.refusal(at, 'argument-count', 'kvCache', 2, args.length);
  return pagedDeclaration([
    { name: 'k', shape: [heads, width] },
    { name: 'v', shape: [heads, valueWidth] },
  ]);
}

export function declarePaged(reader: Reader, args: readonly Value[], at: Node): Value {
  const [fields] = args;
  if (fields?.kind !== 'record') throw reader.refusal(at, 'paged-form');
  return pagedDeclaration(
    [...fields.entries].map(([name, shape]) => {
      if (shape.kind !== 'list') throw reader.refusal(at, 'paged-form');
      return { name, shape: shape.items.map((item): Expression => readExtent(reader, item, at)) };
    }),
  );
}

export function declareRagged(reader: Reader, args: readonly Value[], at: Node): Value {
  const [tokens, sequences] = args;
  if (tokens?.kind !== 'string' || sequences?.kind !== 'string') throw reader.refusal(at, 'dims-form');
  return { kind: 'ragged', tokens: tokens.value, sequences: sequences.value };
}

function readExtent(reader: Reader, value: Value, at: Node): Expression {
  if (value.kind === 'number' && value.value <= 0) throw reader.refusal(at, 'extent-not-positive', value.value);
  return asIndex(reader, value, at, 'an extent');
}

function pagedDeclaration(fields: PagedDeclaration['fields']): Value {
  return { kind: 'declaration', declaration: { kind: 'paged', fields } };
}
