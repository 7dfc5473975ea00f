/**
 * Joins neighbouring loops over one range whose iterations meet in nothing but what both take at their own index, so that one
 * group of threads walks an iteration from end to end.
 *
 * Needs: scheduled statements. Leaves: the same results; loops of independent iterations (`simd`) as they are.
 */
import type { Expression } from '../ir/expression.ts';
import { expressionKey } from '../ir/key.ts';
import { indexOf } from '../ir/make.ts';
import { baseOf, type Program } from '../ir/program.ts';
import { substitute, walk } from '../ir/rewrite.ts';
import type { Statement } from '../ir/statement.ts';
import { expressionsOf, mapExpressions, statementsOf } from './statements.ts';

type Loop = Extract<Statement, { kind: 'loop' }>;

export function fuseLoops(statements: readonly Statement[], program: Program): readonly Statement[] {
  const result: Statement[] = [];
  for (const statement of statements) {
    const place = lastLoop(result);
    const before = result[place];
    if (before?.kind === 'loop' && statement.kind === 'loop' && canJoin(before, statement, program)) {
      const comments = result.splice(place + 1);
      const own = new Map([[statement.variable.id, indexOf(before.variable, statement.low.span)]]);
      const body = statement.body.map((inner) => mapExpressions(inner, (root) => substitute(root, own)));
      result[place] = { ...before, body: [...before.body, ...comments, ...body] };
    } else {
      result.push(statement.kind === 'if' ? { ...statement, body: fuseLoops(statement.body, program) } : statement);
    }
  }
  return result;
}

/** The place of the last statement that is no comment. */
function lastLoop(statements: readonly Statement[]): number {
  return statements.findLastIndex(({ kind }) => kind !== 'comment');
}

function canJoin(first: Loop, second: Loop, program: Program): boolean {
  if (first.simd || second.simd || first.reductions.length > 0 || second.reductions.length > 0) return false;
  if (expressionKey(first.low) !== expressionKey(second.low)) return false;
  if (expressionKey(first.high) !== expressionKey(second.high)) return false;
  const [a, b] = [accessesOf(first, program), accessesOf(second, program)];
  if (a === null || b === null) return false;
  return a.every((one) =>
    b
      .filter((other) => one.base === other.base && (one.isWrite || other.isWrite))
      .every((other) => sharesIterations(one, first, other, second)),
  );
}

interface MemoryAccess {
  readonly base: string;
  readonly tensor: string;
  readonly field: string | null;
  readonly indices: readonly Expression[];
  readonly isWrite: boolean;
}

/** Null where a buffer of the row is used, which has no iterations. */
function accessesOf(loop: Loop, program: Program): readonly MemoryAccess[] | null {
  const accesses: MemoryAccess[] = [];
  let hasBuffers = false;
  const add = (tensor: string, field: string | null, indices: readonly Expression[], isWrite: boolean): void => {
    if (!program.values.has(tensor)) hasBuffers = true;
    else accesses.push({ base: baseOf(program, tensor), tensor, field, indices, isWrite });
  };
  for (const statement of statementsOf(loop.body)) {
    if (statement.kind === 'buffer' || statement.kind === 'fill' || statement.kind === 'selectRow') return null;
    if (statement.kind === 'store')
      add(statement.target.tensor, statement.target.field, statement.target.indices, true);
    for (const root of expressionsOf(statement))
      walk(root, (node) => {
        if (node.kind === 'load') add(node.tensor, node.field, node.indices, false);
      });
  }
  return hasBuffers ? null : accesses;
}

/** Whether two accesses touch one element in the same iteration only: each takes its loop's index on one axis. */
function sharesIterations(one: MemoryAccess, first: Loop, other: MemoryAccess, second: Loop): boolean {
  if (one.field !== other.field) return true;
  if (one.tensor !== other.tensor || one.indices.length !== other.indices.length) return false;
  return one.indices.some((index, axis) => isOwn(index, first) && isOwn(other.indices[axis], second));
}

function isOwn(index: Expression | undefined, loop: Loop): boolean {
  return index?.kind === 'index' && index.variable.id === loop.variable.id;
}
