/**
 * Lowers an attend to blocks of queries against blocks of keys: which products its score holds, and which queries share keys
 * and values, both read off the expressions.
 */

import { childrenOf } from '../ir/children.ts';
import type { Expression } from '../ir/expression.ts';
import type { AttendKernel, AttendValue, Operand, QuerySharing } from '../ir/kernel.ts';
import type { AttendDefinition } from '../ir/operator.ts';
import type { BoundDefinition, Program } from '../ir/program.ts';
import { freeVariables, usesVariable } from '../ir/rewrite.ts';
import { extractContractions } from './contraction.ts';
import { axesOf, extentExpression, programValue } from './extent.ts';

export function lowerAttend(
  program: Program,
  bound: BoundDefinition,
  definition: AttendDefinition,
  name: string,
): AttendKernel {
  const axes = axesOf(program, definition);
  const isColumn = (operand: Operand): boolean =>
    operand.indices.some((index) => usesVariable(index, definition.key.id));
  const { expression: score, products } = extractContractions(definition.score, isColumn);
  const width = programValue(program, definition.output).shape.at(-1);
  if (width === undefined) throw new Error(`${definition.output} has no width`);
  const value = attendValue(definition);
  return {
    kind: 'attend',
    name,
    anchors: [bound.anchor],
    label: bound.label,
    output: definition.output,
    axes,
    key: definition.key,
    low: definition.low,
    high: definition.high,
    products,
    score,
    mask: definition.mask,
    value,
    width: extentExpression(width, definition.span),
    sharing: sharingOf(definition, [...products.flatMap((product) => product.column.indices), ...valueIndices(value)]),
  };
}

function attendValue(definition: AttendDefinition): AttendValue {
  const { value, valueIndex } = definition;
  if (value.kind === 'load' && value.type === 'f32') {
    const last = value.indices.at(-1);
    const rest = value.indices.slice(0, -1);
    if (
      last?.kind === 'index' &&
      last.variable.id === valueIndex.id &&
      !rest.some((index) => usesVariable(index, valueIndex.id))
    ) {
      return { kind: 'rows', operand: { tensor: value.tensor, field: value.field, indices: rest } };
    }
  }
  return { kind: 'expression', index: valueIndex, value };
}

function valueIndices(value: AttendValue): readonly Expression[] {
  return value.kind === 'rows' ? value.operand.indices : [value.value];
}

function sharingOf(definition: AttendDefinition, shared: readonly Expression[]): QuerySharing {
  const [token, head] = definition.indices;
  if (!token) throw new Error(`${definition.output} has no query axis`);
  const others = definition.indices.slice(2).map((variable) => variable.id);
  const tokens = shared.every((root) => !usesVariable(root, token.id))
    ? usesSequences(definition)
      ? 'sequence'
      : 'all'
    : shared.every((root) => onlyThroughSequence(root, token.id))
      ? 'sequence'
      : 'none';
  const heads = head && others.length === 0 ? headGroup(shared, head.id) : 1;
  const lowVariables = freeVariables(definition.low);
  return {
    tokens,
    heads,
    lowIsShared: onlyThroughSequence(definition.low, token.id) && (!head || !lowVariables.has(head.id)),
  };
}

function usesSequences(definition: AttendDefinition): boolean {
  const visit = (node: Expression): boolean => node.kind === 'batch' || childrenOf(node).some(visit);
  return [definition.low, definition.high, definition.score].some(visit);
}

/** The token occurs as the operand of `seq` and nowhere else. */
function onlyThroughSequence(node: Expression, id: number): boolean {
  if (node.kind === 'batch' && node.query === 'seq' && node.of.kind === 'index' && node.of.variable.id === id)
    return true;
  if (node.kind === 'index') return node.variable.id !== id;
  return childrenOf(node).every((child) => onlyThroughSequence(child, id));
}

/**
 * The number of neighbouring heads that read the same rows: c if the head occurs as idiv(head, c) alone, 0 (all of them) if
 * it does not occur, else 1.
 */
function headGroup(shared: readonly Expression[], id: number): number {
  const divisors = new Set<number>();
  let plain = false;
  const visit = (node: Expression): void => {
    if (
      node.kind === 'binary' &&
      node.op === 'idiv' &&
      node.left.kind === 'index' &&
      node.left.variable.id === id &&
      node.right.kind === 'number'
    ) {
      divisors.add(node.right.value);
      return;
    }
    if (node.kind === 'index' && node.variable.id === id) plain = true;
    childrenOf(node).forEach(visit);
  };
  shared.forEach(visit);
  if (plain || divisors.size > 1) return 1;
  const [divisor] = divisors;
  return divisor ?? 0;
}
