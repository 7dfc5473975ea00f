/**
 * Takes conditions that do not change in a loop out of it: `for … (c ? a : b)` becomes `if (c) for … a else for … b`. Vector code
 * computes both sides of a ternary for every element, so that a setting which is off would cost as much as one that is on.
 *
 * Needs: scheduled statements. Leaves: the same stores in the same order.
 */
import type { Expression } from '../ir/expression.ts';
import { expressionKey } from '../ir/key.ts';
import { freeVariables, mapChildren, some } from '../ir/rewrite.ts';
import type { Statement } from '../ir/statement.ts';
import { expressionsOf, mapExpressions, statementsOf } from './statements.ts';

type Loop = Extract<Statement, { kind: 'loop' }>;

/** Conditions taken out of one loop, at most: each doubles it. */
const MOST = 2;

export function unswitch(statements: readonly Statement[]): readonly Statement[] {
  return statements.map((statement) => {
    if (statement.kind === 'if') return { ...statement, body: unswitch(statement.body) };
    if (statement.kind !== 'loop') return statement;
    return statement.simd ? withoutConditions(statement, MOST) : { ...statement, body: unswitch(statement.body) };
  });
}

function withoutConditions(loop: Loop, most: number): Statement {
  const condition = most > 0 ? invariantCondition(loop) : null;
  if (condition === null) return loop;
  const key = expressionKey(condition);
  const taking = (holds: boolean): Statement => {
    const body = loop.body.map((inner) => mapExpressions(inner, (root) => choose(root, key, holds)));
    return withoutConditions({ ...loop, body: used(body) }, most - 1);
  };
  return { kind: 'choose', condition, whenTrue: [taking(true)], whenFalse: [taking(false)] };
}

/** Without the names that one side alone had a use for. */
function used(body: readonly Statement[]): readonly Statement[] {
  const names = new Set<string>();
  for (const root of body.flatMap(expressionsOf))
    some(root, (node) => {
      if (node.kind === 'local') names.add(node.name);
      return false;
    });
  const rest = body.filter((statement) => statement.kind !== 'declare' || names.has(statement.name));
  return rest.length === body.length ? body : used(rest);
}

/** The first condition of a ternary that is known before the loop and spares work on one side. */
function invariantCondition(loop: Loop): Expression | null {
  const inner = new Set(
    statementsOf(loop.body).flatMap((statement) => (statement.kind === 'declare' ? [statement.name] : [])),
  );
  const varies = (node: Expression): boolean =>
    freeVariables(node).has(loop.variable.id) || some(node, (part) => part.kind === 'local' && inner.has(part.name));
  let found: Expression | null = null;
  for (const root of statementsOf(loop.body).flatMap(expressionsOf)) {
    some(root, (node) => {
      if (
        found === null &&
        node.kind === 'select' &&
        !varies(node.condition) &&
        (varies(node.then) || varies(node.otherwise))
      )
        found = node.condition;
      return found !== null;
    });
  }
  return found;
}

/** `root` where the condition of that key is known. */
function choose(root: Expression, key: string, holds: boolean): Expression {
  if (root.kind === 'select' && expressionKey(root.condition) === key)
    return choose(holds ? root.then : root.otherwise, key, holds);
  return mapChildren(root, (child) => choose(child, key, holds));
}
