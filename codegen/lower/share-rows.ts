/**
 * Lets rows of scratch memory that are needed one after the other lie in one place: a chain of elementwise steps over a long row
 * then works in as much cache as one row takes.
 *
 * Needs: the statements of a row, final. Gives: for each local value whose place is an earlier one's, that one.
 */
import type { Expression } from '../ir/expression.ts';
import { expressionKey } from '../ir/key.ts';
import { baseOf, type Program } from '../ir/program.ts';
import { walk } from '../ir/rewrite.ts';
import type { Statement } from '../ir/statement.ts';
import { bodyOf, expressionsOf, statementsOf } from './statements.ts';

/** A place, and the value that has it so far. */
interface Place {
  readonly owner: string;
  holder: string;
}

export function shareRows(
  statements: readonly Statement[],
  locals: readonly string[],
  program: Program,
): ReadonlyMap<string, string> {
  const spans = new Map(locals.map((key) => [key, spanOf(statements, key, program)]));
  const inOrder = locals
    .filter((key) => spans.get(key))
    .sort((a, b) => (spans.get(a)?.first ?? 0) - (spans.get(b)?.first ?? 0));
  const places: Place[] = [];
  const shared = new Map<string, string>();
  for (const key of inOrder) {
    const first = spans.get(key)?.first ?? 0;
    const place = places.find(({ owner, holder }) => {
      const last = spans.get(holder)?.last ?? 0;
      if (!isAlike(program, owner, key) || last > first) return false;
      const meeting = statements[first];
      return last < first || (meeting !== undefined && followsInPlace(meeting, holder, key, program));
    });
    if (place) {
      shared.set(key, place.owner);
      place.holder = key;
    } else {
      places.push({ owner: key, holder: key });
    }
  }
  return shared;
}

function isAlike(program: Program, a: string, b: string): boolean {
  const [one, other] = [program.values.get(a), program.values.get(b)];
  return (
    one !== undefined &&
    other !== undefined &&
    one.storage === other.storage &&
    JSON.stringify(one.shape.slice(1)) === JSON.stringify(other.shape.slice(1))
  );
}

/** The first and last of the statements that touch a value; null for one that nothing touches. */
function spanOf(
  statements: readonly Statement[],
  key: string,
  program: Program,
): { readonly first: number; readonly last: number } | null {
  const touching = statements.flatMap((statement, place) =>
    accessesOf(statement, program).some(({ base }) => base === key) ? [place] : [],
  );
  const [first] = touching;
  const last = touching.at(-1);
  return first === undefined || last === undefined ? null : { first, last };
}

/**
 * Whether `next` may be written over `previous` where one statement touches both: on each way through it one loop of independent
 * iterations, which takes of both what its own index names, and whose last act is to store `next` or which does not store it.
 */
function followsInPlace(statement: Statement, previous: string, next: string, program: Program): boolean {
  if (statement.kind === 'choose')
    return [statement.whenTrue, statement.whenFalse].every(
      ([only, ...others]) => only !== undefined && others.length === 0 && followsInPlace(only, previous, next, program),
    );
  if (statement.kind !== 'loop' || !statement.simd || statement.body.some((inner) => bodyOf(inner).length > 0))
    return false;
  const stores = statement.body.filter((inner) => inner.kind === 'store' && inner.target.tensor === next);
  if (stores.length > 1 || (stores.length === 1 && stores[0] !== statement.body.at(-1))) return false;
  const accesses = accessesOf(statement, program).filter(({ base }) => base === previous || base === next);
  const own = new Set(
    accesses.map(({ tensor, base, indices }) =>
      tensor === base && indices ? indices.map(expressionKey).join() : null,
    ),
  );
  const [element] = accesses.flatMap(({ indices }) => (indices ? [indices.at(-1)] : []));
  return own.size === 1 && !own.has(null) && element?.kind === 'index' && element.variable.id === statement.variable.id;
}

interface Access {
  readonly base: string;
  readonly tensor: string;
  /** Null for a whole row. */
  readonly indices: readonly Expression[] | null;
}

function accessesOf(statement: Statement, program: Program): readonly Access[] {
  const accesses: Access[] = [];
  const add = (tensor: string, indices: readonly Expression[] | null): void => {
    if (program.values.has(tensor)) accesses.push({ base: baseOf(program, tensor), tensor, indices });
  };
  for (const inner of statementsOf([statement])) {
    if (inner.kind === 'store') add(inner.target.tensor, inner.target.indices);
    if (inner.kind === 'selectRow' && inner.row.kind === 'tensor') add(inner.row.tensor, null);
    for (const root of expressionsOf(inner))
      walk(root, (node) => {
        if (node.kind === 'load') add(node.tensor, node.indices);
      });
  }
  return accesses;
}
