/**
 * Recognises the canonical contraction: sum(K, k => factors * a(…, k) * b(…, k)), where exactly two factors depend on k and
 * both are loads whose last index is k itself. Factors that do not depend on k are pulled out of the sum.
 */
import { childrenOf } from '../ir/children.ts';
import type { Expression, Reduce, Span } from '../ir/expression.ts';
import type { Contraction, Operand } from '../ir/kernel.ts';
import type { MapDefinition } from '../ir/operator.ts';
import type { Extent, Program } from '../ir/program.ts';
import { freeVariables, rewrite, usesVariable, walk } from '../ir/rewrite.ts';
import { programValue } from './extent.ts';

interface Product {
  readonly left: Operand;
  readonly right: Operand;
  readonly factors: readonly Expression[];
  readonly depth: number;
}

/** The two operands and the outer factors of a sum in canonical form; null for any other reduction. */
export function matchContraction(node: Reduce): Product | null {
  if (node.op !== 'sum' || node.extent.kind !== 'number') return null;
  const { id } = node.variable;
  const factors = flattenProduct(node.body);
  const dependent = factors.filter((factor) => usesVariable(factor, id));
  const [left, right] = dependent.map((factor) => operandAlong(factor, id));
  if (dependent.length !== 2 || !left || !right) return null;
  return { left, right, factors: factors.filter((factor) => !dependent.includes(factor)), depth: node.extent.value };
}

function flattenProduct(node: Expression): readonly Expression[] {
  return node.kind === 'binary' && node.op === '*' && node.type === 'f32'
    ? [...flattenProduct(node.left), ...flattenProduct(node.right)]
    : [node];
}

function operandAlong(node: Expression, id: number): Operand | null {
  if (node.kind !== 'load' || node.type !== 'f32') return null;
  const last = node.indices.at(-1);
  const leading = node.indices.slice(0, -1);
  if (last?.kind !== 'index' || last.variable.id !== id || leading.some((index) => usesVariable(index, id)))
    return null;
  return { tensor: node.tensor, field: node.field, indices: leading };
}

export function operandVariables(operand: Operand): ReadonlySet<number> {
  return new Set(operand.indices.flatMap((index) => [...freeVariables(index).keys()]));
}

/**
 * Replaces each contraction in `root` whose column operand satisfies `isColumn` (and whose row operand does not) by the
 * local that holds its accumulator. Other reductions stay.
 */
export function extractContractions(
  root: Expression,
  isColumn: (operand: Operand) => boolean,
): { readonly expression: Expression; readonly products: readonly Contraction[] } {
  const products: Contraction[] = [];
  const expression = rewrite(root, (node) => {
    if (node.kind !== 'reduce') return node;
    const match = matchContraction(node);
    if (!match) return node;
    const [row, column] = isColumn(match.right) ? [match.left, match.right] : [match.right, match.left];
    if (!isColumn(column) || isColumn(row)) return node;
    const accumulator = `dot${products.length}`;
    products.push({ accumulator, depth: match.depth, row, column });
    return multiply(match.factors, { kind: 'local', type: 'f32', name: accumulator, span: node.span }, node.span);
  });
  return { expression, products };
}

function multiply(factors: readonly Expression[], value: Expression, span: Span): Expression {
  return factors.reduce<Expression>(
    (product, factor) => ({ kind: 'binary', type: 'f32', op: '*', left: factor, right: product, span }),
    value,
  );
}

/** Whether any sum in canonical form occurs whose operands differ in the output axes they range over. */
export function hasContraction(root: Expression, axes: ReadonlySet<number>): boolean {
  let found = false;
  walk(root, (node) => {
    if (node.kind !== 'reduce') return;
    const match = matchContraction(node);
    if (match) found ||= contractionRoles(match.left, match.right, axes) !== null;
  });
  return found;
}

/**
 * Whether a ternary may keep an operand within its tensor: a product is computed for all rows and columns, chosen or not, so
 * what it reads behind a condition must be in range by its axes alone.
 */
export function hasGuardedOperand(program: Program, definition: MapDefinition): boolean {
  const { shape: axes } = programValue(program, definition.output);
  const extents = new Map(definition.indices.map(({ id }, axis) => [id, axes[axis]]));
  const isWhole = ({ tensor, indices }: Operand): boolean => {
    const { shape, paged } = programValue(program, tensor);
    return !paged && indices.every((index, axis) => isWithin(index, extents, shape[axis]));
  };
  const visit = (node: Expression, isGuarded: boolean): boolean => {
    if (node.kind === 'select')
      return visit(node.condition, isGuarded) || visit(node.then, true) || visit(node.otherwise, true);
    if (node.kind === 'logical') return visit(node.left, isGuarded) || visit(node.right, true);
    const match = isGuarded && node.kind === 'reduce' ? matchContraction(node) : null;
    if (match && !(isWhole(match.left) && isWhole(match.right))) return true;
    return childrenOf(node).some((child) => visit(child, isGuarded));
  };
  return visit(definition.value, false);
}

/** Whether every value of an index is less than `size`. */
function isWithin(
  index: Expression,
  extents: ReadonlyMap<number, Extent | undefined>,
  size: Extent | undefined,
): boolean {
  if (index.kind === 'number') return typeof size === 'number' && index.value < size;
  const extent = index.kind === 'index' ? extents.get(index.variable.id) : undefined;
  return (
    extent !== undefined &&
    (extent === size || (typeof extent === 'number' && typeof size === 'number' && extent < size))
  );
}

/** The output axes that each operand alone ranges over; null where one of them has none, which is a row reduction. */
export function contractionRoles(
  left: Operand,
  right: Operand,
  axes: ReadonlySet<number>,
): { readonly left: ReadonlySet<number>; readonly right: ReadonlySet<number> } | null {
  const ofLeft = operandVariables(left);
  const ofRight = operandVariables(right);
  const onlyLeft = new Set([...ofLeft].filter((id) => axes.has(id) && !ofRight.has(id)));
  const onlyRight = new Set([...ofRight].filter((id) => axes.has(id) && !ofLeft.has(id)));
  return onlyLeft.size > 0 && onlyRight.size > 0 ? { left: onlyLeft, right: onlyRight } : null;
}
