/** Names what costs time and does not change in a loop, so that it is computed before it. */
import type { Expression } from '../ir/expression.ts';
import { expressionKey } from '../ir/key.ts';
import { mapChildren, some } from '../ir/rewrite.ts';

export interface Hoisted {
  readonly value: Expression;
  readonly declarations: readonly { readonly name: string; readonly value: Expression }[];
}

/**
 * Takes the largest subexpressions of `root` that `isInvariant` holds for and that hold an intrinsic or a division, whole ternaries
 * among them. Behind a ternary nothing is taken: there a load may be out of range.
 */
export function hoistInvariants(
  root: Expression,
  isInvariant: (node: Expression) => boolean,
  fresh: () => string,
  known: Map<string, Expression>,
): Hoisted {
  const declarations: { name: string; value: Expression }[] = [];
  const visit = (node: Expression): Expression => {
    if (node.type === 'f32' && isCostly(node) && isInvariant(node)) {
      const key = expressionKey(node);
      const local = known.get(key);
      if (local) return local;
      const name = fresh();
      declarations.push({ name, value: node });
      const made: Expression = { kind: 'local', type: 'f32', name, span: node.span };
      known.set(key, made);
      return made;
    }
    if (node.kind === 'select') return { ...node, condition: visit(node.condition) };
    return mapChildren(node, visit);
  };
  return { value: visit(root), declarations };
}

function isCostly(root: Expression): boolean {
  return some(
    root,
    (node) => node.kind === 'intrinsic' || (node.kind === 'binary' && node.op === '/' && node.type === 'f32'),
  );
}
