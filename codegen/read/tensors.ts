/** Loads: a tensor called with an index an axis. A paged tensor's field is read at (sequence, position, ...axes). */
import { Node } from 'ts-morph';
import type { Expression } from '../ir/expression.ts';
import type { DenseDeclaration, PagedDeclaration } from '../ir/operator.ts';
import { asIndex } from './operators.ts';
import { type Reader, spanOf } from './reader.ts';
import type { Value } from './values.ts';

export function loadDense(reader: Reader, declaration: DenseDeclaration, args: readonly Value[], at: Node): Value {
  const { name, shape, element } = declaration;
  const indices = readIndices(reader, name, shape.length, args, at);
  const type = element === 'i32' ? 'i32' : 'f32';
  return { kind: 'scalar', expression: { kind: 'load', type, tensor: name, field: null, indices, span: spanOf(at) } };
}

export function loadPaged(
  reader: Reader,
  declaration: PagedDeclaration,
  field: PagedDeclaration['fields'][number],
  args: readonly Value[],
  at: Node,
): Value {
  const indices = readIndices(reader, `${declaration.name}.${field.name}`, field.shape.length + 2, args, at);
  return {
    kind: 'scalar',
    expression: { kind: 'load', type: 'f32', tensor: declaration.name, field: field.name, indices, span: spanOf(at) },
  };
}

/** The index at a place of a topN. */
export function placeOf(reader: Reader, places: Value & { kind: 'places' }, args: readonly Value[], at: Node): Value {
  const [place] = readIndices(reader, 'topN', 1, args, at);
  const { variable, extent, count, body } = places;
  const expression: Expression = {
    kind: 'reduce',
    type: 'i32',
    op: 'topN',
    variable,
    extent,
    body,
    parameter: place ?? null,
    count,
    span: spanOf(at),
  };
  return { kind: 'scalar', expression };
}

/** The node of a call's argument, for messages; the call itself where the arguments are not written there. */
export function argumentNode(at: Node, place: number): Node {
  return (Node.isCallExpression(at) ? at.getArguments()[place] : undefined) ?? at;
}

function readIndices(
  reader: Reader,
  name: string,
  rank: number,
  args: readonly Value[],
  at: Node,
): readonly Expression[] {
  if (args.length !== rank) throw reader.refusal(at, 'index-count', name, rank, args.length);
  return args.map((arg, place) => asIndex(reader, arg, argumentNode(at, place), `an index of ${name}`));
}
