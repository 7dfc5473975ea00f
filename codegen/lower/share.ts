/**
 * Names what the statements of one loop body compute more than once. Only what is evaluated in every iteration is named:
 * behind a ternary a load may be out of range.
 */

import { childrenOf } from '../ir/children.ts';
import type { Expression } from '../ir/expression.ts';
import { expressionKey } from '../ir/key.ts';
import { mapChildren, rewrite } from '../ir/rewrite.ts';
import type { Statement } from '../ir/statement.ts';
import type { NameTable } from '../names.ts';

export function nameShared(statements: readonly Statement[], names: NameTable): readonly Statement[] {
  const counts = new Map<string, number>();
  for (const root of valueRoots(statements)) countUnguarded(root, counts);
  const declared = new Map<string, Expression>();
  const result: Statement[] = [];
  for (const statement of statements) {
    if (statement.kind !== 'store' && statement.kind !== 'accumulate' && statement.kind !== 'fill') {
      result.push(statement);
      continue;
    }
    const replaced = rewriteTopDown(
      statement.value,
      (node) => {
        const key = expressionKey(node);
        if (!isWorthNaming(node) || (counts.get(key) ?? 0) < 2) return null;
        return declared.get(key) ?? null;
      },
      (node, rebuilt) => {
        const key = expressionKey(node);
        if (!isWorthNaming(node) || (counts.get(key) ?? 0) < 2) return rebuilt;
        const name = names.fresh(node.kind === 'load' ? 'in' : 'term');
        result.push({ kind: 'declare', name, value: rebuilt, mutable: false });
        const local: Expression = { kind: 'local', type: node.type, name, span: node.span };
        declared.set(key, local);
        return local;
      },
    );
    result.push({ ...statement, value: replaced });
  }
  return result;
}

function valueRoots(statements: readonly Statement[]): readonly Expression[] {
  return statements.flatMap((statement) =>
    statement.kind === 'store' || statement.kind === 'accumulate' || statement.kind === 'fill' ? [statement.value] : [],
  );
}

/** Occurrences by structure; a shared occurrence's operands are counted once. */
function countUnguarded(node: Expression, counts: Map<string, number>): void {
  if (isWorthNaming(node)) {
    const key = expressionKey(node);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > 1) return;
  }
  if (node.kind === 'select') countUnguarded(node.condition, counts);
  else for (const child of childrenOf(node)) countUnguarded(child, counts);
}

function isWorthNaming(node: Expression): boolean {
  if (node.type !== 'f32') return false;
  return node.kind === 'load' || node.kind === 'intrinsic' || node.kind === 'round' || node.kind === 'binary';
}

/** Rewrites with a way out before the operands (`before` gives the replacement) and one after (`after` may name the result). */
function rewriteTopDown(
  node: Expression,
  before: (node: Expression) => Expression | null,
  after: (node: Expression, rebuilt: Expression) => Expression,
): Expression {
  const known = before(node);
  if (known) return known;
  if (node.kind === 'select') {
    const condition = rewriteTopDown(node.condition, before, after);
    const inBranch = (branch: Expression): Expression => rewrite(branch, (inner) => before(inner) ?? inner);
    const then = inBranch(node.then);
    const otherwise = inBranch(node.otherwise);
    return { ...node, condition, then, otherwise };
  }
  const rebuilt = mapChildren(node, (child) => rewriteTopDown(child, before, after));
  return after(node, rebuilt);
}
