/** Walks over statements: their expressions, and all that stand in their bodies. */
import { assertNever } from '../ir/assert-never.ts';
import type { Expression } from '../ir/expression.ts';
import type { Statement } from '../ir/statement.ts';

/** The statements and those within, each before its body. */
export function statementsOf(statements: readonly Statement[]): readonly Statement[] {
  return statements.flatMap((statement) => [statement, ...statementsOf(bodyOf(statement))]);
}

/** The statements right inside of one. */
export function bodyOf(statement: Statement): readonly Statement[] {
  if (statement.kind === 'loop' || statement.kind === 'if') return statement.body;
  return statement.kind === 'choose' ? [...statement.whenTrue, ...statement.whenFalse] : [];
}

/** The expressions that a statement itself evaluates, those of its body left out. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'comment':
    case 'buffer':
      return [];
    case 'loop':
      return [statement.low, statement.high];
    case 'if':
    case 'choose':
      return [statement.condition];
    case 'declare':
    case 'accumulate':
      return [statement.value];
    case 'store':
      return [statement.value, ...statement.target.indices];
    case 'fill':
      return [statement.index, statement.value];
    case 'selectRow':
      return [
        statement.extent,
        ...(statement.parameter ? [statement.parameter] : []),
        ...(statement.row.kind === 'tensor' ? statement.row.indices : []),
      ];
    default:
      return assertNever(statement);
  }
}

/** The statement with each of its expressions replaced, those of its body too. */
export function mapExpressions(statement: Statement, f: (root: Expression) => Expression): Statement {
  const inside = (body: readonly Statement[]): readonly Statement[] => body.map((inner) => mapExpressions(inner, f));
  switch (statement.kind) {
    case 'comment':
      return statement;
    case 'buffer':
      return { ...statement, extent: f(statement.extent) };
    case 'loop':
      return { ...statement, low: f(statement.low), high: f(statement.high), body: inside(statement.body) };
    case 'if':
      return { ...statement, condition: f(statement.condition), body: inside(statement.body) };
    case 'choose':
      return {
        ...statement,
        condition: f(statement.condition),
        whenTrue: inside(statement.whenTrue),
        whenFalse: inside(statement.whenFalse),
      };
    case 'declare':
    case 'accumulate':
      return { ...statement, value: f(statement.value) };
    case 'store':
      return {
        ...statement,
        target: { ...statement.target, indices: statement.target.indices.map(f) },
        value: f(statement.value),
      };
    case 'fill':
      return { ...statement, index: f(statement.index), value: f(statement.value) };
    case 'selectRow':
      return {
        ...statement,
        extent: f(statement.extent),
        parameter: statement.parameter && f(statement.parameter),
        row:
          statement.row.kind === 'tensor' ? { ...statement.row, indices: statement.row.indices.map(f) } : statement.row,
      };
    default:
      return assertNever(statement);
  }
}
