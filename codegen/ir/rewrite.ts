/** Traversals over expressions that every pass shares. Each node is visited once, so that a DAG stays a DAG. */
import { assertNever } from './assert-never.ts';
import { nodesOf } from './children.ts';
import type { Expression, IndexVariable } from './expression.ts';

/** The node with each operand replaced by `f(operand)`; the same object where nothing changed. */
export function mapChildren(node: Expression, f: (operand: Expression) => Expression): Expression {
  switch (node.kind) {
    case 'number':
    case 'dim':
    case 'attr':
    case 'local':
    case 'index':
      return node;
    case 'load': {
      const indices = node.indices.map(f);
      return indices.every((index, i) => index === node.indices[i]) ? node : { ...node, indices };
    }
    case 'batch': {
      const of = f(node.of);
      return of === node.of ? node : { ...node, of };
    }
    case 'negate':
    case 'not':
    case 'convert':
    case 'round': {
      const operand = f(node.operand);
      return operand === node.operand ? node : { ...node, operand };
    }
    case 'binary':
    case 'compare':
    case 'logical': {
      const left = f(node.left);
      const right = f(node.right);
      return left === node.left && right === node.right ? node : { ...node, left, right };
    }
    case 'select': {
      const condition = f(node.condition);
      const then = f(node.then);
      const otherwise = f(node.otherwise);
      return condition === node.condition && then === node.then && otherwise === node.otherwise
        ? node
        : { ...node, condition, then, otherwise };
    }
    case 'intrinsic': {
      const args = node.args.map(f);
      return args.every((arg, i) => arg === node.args[i]) ? node : { ...node, args };
    }
    case 'reduce': {
      const extent = f(node.extent);
      const parameter = node.parameter ? f(node.parameter) : null;
      const count = node.count ? f(node.count) : null;
      const body = f(node.body);
      return extent === node.extent && parameter === node.parameter && count === node.count && body === node.body
        ? node
        : { ...node, extent, parameter, count, body };
    }
    default:
      return assertNever(node);
  }
}

/** Rewrites bottom-up: operands first, then `f` on the rebuilt node. Shared nodes are rewritten once. */
export function rewrite(root: Expression, f: (node: Expression) => Expression): Expression {
  const done = new Map<Expression, Expression>();
  const visit = (node: Expression): Expression => {
    const known = done.get(node);
    if (known) return known;
    const result = f(mapChildren(node, visit));
    done.set(node, result);
    return result;
  };
  return visit(root);
}

/** Calls `f` once for each distinct node object, operands before users. */
export function walk(root: Expression, f: (node: Expression) => void): void {
  nodesOf(root).forEach(f);
}

export function some(root: Expression, f: (node: Expression) => boolean): boolean {
  let found = false;
  walk(root, (node) => {
    found ||= f(node);
  });
  return found;
}

/** Replaces index variables, by id. Variables bound inside (reductions) keep their ids, which are unique. */
export function substitute(root: Expression, replacement: ReadonlyMap<number, Expression>): Expression {
  return rewrite(root, (node) => (node.kind === 'index' ? (replacement.get(node.variable.id) ?? node) : node));
}

/** The index variables used in `root` and not bound by a reduction inside it, by id. */
export function freeVariables(root: Expression): ReadonlyMap<number, IndexVariable> {
  const free = new Map<number, IndexVariable>();
  const bound = new Set<number>();
  walk(root, (node) => {
    if (node.kind === 'index') free.set(node.variable.id, node.variable);
    if (node.kind === 'reduce') bound.add(node.variable.id);
  });
  for (const id of bound) free.delete(id);
  return free;
}

export function usesVariable(root: Expression, id: number): boolean {
  return some(root, (node) => node.kind === 'index' && node.variable.id === id);
}
