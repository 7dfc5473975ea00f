/** The operands of an expression, in the order they are written: the one place that knows every kind's shape. */
import { assertNever } from './assert-never.ts';
import type { Expression } from './expression.ts';

export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'dim':
    case 'attr':
    case 'index':
    case 'local':
      return [];
    case 'load':
      return expression.indices;
    case 'batch':
      return [expression.of];
    case 'negate':
    case 'not':
    case 'convert':
    case 'round':
      return [expression.operand];
    case 'binary':
    case 'compare':
    case 'logical':
      return [expression.left, expression.right];
    case 'select':
      return [expression.condition, expression.then, expression.otherwise];
    case 'intrinsic':
      return expression.args;
    case 'reduce': {
      const { extent, parameter, count, body } = expression;
      return [extent, ...(parameter ? [parameter] : []), ...(count ? [count] : []), body];
    }
    default:
      return assertNever(expression);
  }
}

/** Every node of the DAG under `roots` once, operands before their users. */
export function nodesOf(...roots: readonly Expression[]): readonly Expression[] {
  const [only] = roots;
  if (only === undefined || roots.length > 1) return nodesUnder(roots);
  const known = ordered.get(only) ?? nodesUnder(roots);
  ordered.set(only, known);
  return known;
}

/** Expressions do not change, and passes ask for the same ones again and again. */
const ordered = new WeakMap<Expression, readonly Expression[]>();

function nodesUnder(roots: readonly Expression[]): readonly Expression[] {
  const seen = new Set<Expression>();
  const order: Expression[] = [];
  const visit = (node: Expression): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const child of childrenOf(node)) visit(child);
    order.push(node);
  };
  for (const root of roots) visit(root);
  return order;
}
