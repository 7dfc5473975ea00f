/**
 * A condition as the worlds in which it holds: each a list of polynomials that are not negative there. A condition about
 * numbers that are no indices says nothing, and is one world without facts.
 */
import type { Compare, Expression } from '../../ir/expression.ts';
import { casesOf, type Symbols } from './cases.ts';
import { constant, type Polynomial, subtract } from './polynomial.ts';
import type { Facts } from './prove.ts';

export type Worlds = readonly Facts[];

/** Where nothing is known. */
export const anywhere: Worlds = [[]];

const mostWorlds = 16;

/** The worlds where `condition` is `holds`. */
export function worldsWhere(symbols: Symbols, condition: Expression, holds: boolean): Worlds {
  switch (condition.kind) {
    case 'not':
      return worldsWhere(symbols, condition.operand, !holds);
    case 'logical': {
      const left = worldsWhere(symbols, condition.left, holds);
      const right = worldsWhere(symbols, condition.right, holds);
      const isBoth = (condition.op === '&&') === holds;
      return isBoth ? bothOf(left, right) : few([...left, ...right]);
    }
    case 'compare': {
      if (condition.left.type !== 'i32') return anywhere;
      const alternatives = casesOf(symbols, condition.left).flatMap((left) =>
        casesOf(symbols, condition.right).flatMap((right) =>
          comparison(condition.op, holds, left.value, right.value).map((facts) => [
            ...left.facts,
            ...right.facts,
            ...facts,
          ]),
        ),
      );
      return few(alternatives);
    }
    default:
      return anywhere;
  }
}

/** The worlds in which one of each list holds. Too many are not told apart: the second list is then passed over. */
export function bothOf(a: Worlds, b: Worlds): Worlds {
  const combined = a.flatMap((left) => b.map((right) => [...left, ...right]));
  return combined.length <= mostWorlds ? combined : a;
}

const few = (worlds: Worlds): Worlds => (worlds.length <= mostWorlds ? worlds : anywhere);

const opposite: Readonly<Record<Compare['op'], Compare['op']>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};

function comparison(op: Compare['op'], holds: boolean, a: Polynomial, b: Polynomial): Worlds {
  const atLeast = (x: Polynomial, y: Polynomial): Polynomial => subtract(x, y);
  const above = (x: Polynomial, y: Polynomial): Polynomial => subtract(subtract(x, y), constant(1));
  switch (holds ? op : opposite[op]) {
    case '<':
      return [[above(b, a)]];
    case '<=':
      return [[atLeast(b, a)]];
    case '>':
      return [[above(a, b)]];
    case '>=':
      return [[atLeast(a, b)]];
    case '==':
      return [[atLeast(a, b), atLeast(b, a)]];
    case '!=':
      return [[above(a, b)], [above(b, a)]];
  }
}
