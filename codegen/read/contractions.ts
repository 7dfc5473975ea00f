/**
 * A contraction has one form: sum(K, k => a(…, k) * b(…, k)), two loads whose last index is k itself, factors without k
 * around them. A sum of products that rereads one factor along an axis of another is a contraction in some other form: it
 * would become a scalar loop over strided memory, so it is refused here.
 */
import { nodesOf } from '../ir/children.ts';
import { expressionsOf } from '../ir/definitions.ts';
import type { Expression, IndexVariable, Reduce } from '../ir/expression.ts';
import type { OperatorIr } from '../ir/operator.ts';
import { printExpression } from '../ir/print-expression.ts';
import type { Reader } from './reader.ts';

export function checkContractions(reader: Reader, operator: OperatorIr): void {
  for (const node of nodesOf(...operator.definitions.flatMap(expressionsOf))) {
    if (node.kind !== 'reduce' || node.op !== 'sum') continue;
    const clash = findClash(node);
    if (clash === null) continue;
    const [reread, other, axis] = clash;
    reader.report(
      node.span,
      'contraction-form',
      printExpression(reread),
      printExpression(other),
      axis.name,
      node.variable.name,
    );
  }
}

/** The factor that is reread, the factor it is reread for, and the axis along which; null if the sum is fine as it is. */
function findClash(sum: Reduce): readonly [Expression, Expression, IndexVariable] | null {
  const k = sum.variable;
  const factors = factorsOf(sum.body, k);
  if (factors.length < 2 || isCanonical(factors, k)) return null;
  const areTwoLoads = factors.length === 2 && factors.every((factor) => factor.kind === 'load');
  for (const a of factors) {
    for (const b of factors) {
      const axis = missingAxis(a, b, k);
      if (axis !== null && (areTwoLoads || missingAxis(b, a, k) !== null)) return [a, b, axis];
    }
  }
  return null;
}

/** The factors of a product that depend on k. */
function factorsOf(product: Expression, k: IndexVariable): readonly Expression[] {
  if (!variablesOf(product).has(k)) return [];
  if (product.kind === 'binary' && product.op === '*')
    return [...factorsOf(product.left, k), ...factorsOf(product.right, k)];
  if (product.kind === 'binary' && product.op === '/' && !variablesOf(product.right).has(k))
    return factorsOf(product.left, k);
  if (product.kind === 'negate' || product.kind === 'convert' || product.kind === 'round')
    return factorsOf(product.operand, k);
  return [product];
}

function isCanonical(factors: readonly Expression[], k: IndexVariable): boolean {
  return (
    factors.length === 2 &&
    factors.every((factor) => {
      if (factor.kind !== 'load') return false;
      const last = factor.indices.at(-1);
      return (
        last?.kind === 'index' &&
        last.variable === k &&
        factor.indices.slice(0, -1).every((index) => !variablesOf(index).has(k))
      );
    })
  );
}

/** An index that `b` depends on and `a` does not. */
function missingAxis(a: Expression, b: Expression, k: IndexVariable): IndexVariable | null {
  const known = variablesOf(a);
  return [...variablesOf(b)].find((variable) => variable !== k && !known.has(variable)) ?? null;
}

/** The indices an expression depends on; those its own reductions bind are not among them. */
function variablesOf(expression: Expression): ReadonlySet<IndexVariable> {
  const variables = new Set<IndexVariable>();
  const bound = new Set<IndexVariable>();
  for (const node of nodesOf(expression)) {
    if (node.kind === 'index') variables.add(node.variable);
    if (node.kind === 'reduce') bound.add(node.variable);
  }
  return new Set([...variables].filter((variable) => !bound.has(variable)));
}
