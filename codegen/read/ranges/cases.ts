/**
 * An index as polynomials: one a case, with what holds in it. Ternaries, minimum and maximum split into cases; everything of
 * unknown value becomes an atom with the bounds its declaration gives.
 */
import type { Expression } from '../../ir/expression.ts';
import { expressionKey } from '../../ir/key.ts';
import type { OperatorIr } from '../../ir/operator.ts';
import { printExpression } from '../../ir/print-expression.ts';
import { type Atoms, between } from './atoms.ts';
import { batchAtom } from './batch.ts';
import {
  add,
  atom,
  constant,
  divideExactly,
  keyOf,
  multiply,
  type Polynomial,
  splitByDivisor,
  subtract,
} from './polynomial.ts';
import { type Facts, isSumOfGround } from './prove.ts';
import { worldsWhere } from './worlds.ts';

export interface Case {
  readonly facts: Facts;
  readonly value: Polynomial;
}

export interface Symbols {
  readonly operator: OperatorIr;
  readonly atoms: Atoms;
}

const mostCases = 24;

export function casesOf(symbols: Symbols, expression: Expression): readonly Case[] {
  const { atoms } = symbols;
  const always = (value: Polynomial): readonly Case[] => [{ facts: [], value }];
  switch (expression.kind) {
    case 'number':
      return always(constant(expression.value));
    case 'dim':
      return always(atoms.dimension(expression.name));
    case 'index':
      return always(variable(atoms, expression.variable));
    case 'negate':
      return casesOf(symbols, expression.operand).map(({ facts, value }) => ({
        facts,
        value: subtract(constant(0), value),
      }));
    case 'batch':
      return always(batchAtom(symbols, expression));
    case 'select': {
      const side = (condition: boolean, chosen: Expression): readonly Case[] =>
        worldsWhere(symbols, expression.condition, condition).flatMap((world) =>
          casesOf(symbols, chosen).map(({ facts, value }) => ({ facts: [...world, ...facts], value })),
        );
      return few(symbols, expression, [...side(true, expression.then), ...side(false, expression.otherwise)]);
    }
    case 'binary': {
      const pairs = casesOf(symbols, expression.left).flatMap((left) =>
        casesOf(symbols, expression.right).flatMap((right) =>
          operate(symbols, expression, left.value, right.value).map(({ facts, value }) => ({
            facts: [...left.facts, ...right.facts, ...facts],
            value,
          })),
        ),
      );
      return few(symbols, expression, pairs);
    }
    default:
      return always(unknown(symbols, expression));
  }
}

/** The polynomial of an expression without cases: a shape, a bound. With cases it is an atom nothing is known of. */
export function polynomialOf(symbols: Symbols, expression: Expression): Polynomial {
  const [only, ...more] = casesOf(symbols, expression);
  return only !== undefined && more.length === 0 ? only.value : unknown(symbols, expression);
}

export function variable(atoms: Atoms, { id, name }: { readonly id: number; readonly name: string }): Polynomial {
  return atom(atoms.get(`index ${id}`, name).id);
}

function operate(
  symbols: Symbols,
  node: Expression & { kind: 'binary' },
  left: Polynomial,
  right: Polynomial,
): readonly Case[] {
  const always = (value: Polynomial): readonly Case[] => [{ facts: [], value }];
  switch (node.op) {
    case '+':
      return always(add(left, right));
    case '-':
      return always(subtract(left, right));
    case '*':
      return always(multiply(left, right));
    case '/':
      return always(divideExactly(left, right) ?? floorOf(symbols, node, left, right));
    case 'idiv':
      return always(floorOf(symbols, node, left, right));
    case 'mod':
      return always(remainderOf(symbols, node, left, right));
    case 'minimum':
      return [
        { facts: [subtract(right, left)], value: left },
        { facts: [subtract(left, right)], value: right },
      ];
    case 'maximum':
      return [
        { facts: [subtract(left, right)], value: left },
        { facts: [subtract(right, left)], value: right },
      ];
  }
}

/** floor(left / right): terms that the divisor divides leave the atom, so that idiv(h * D + d, D) is h + idiv(d, D). */
function floorOf(symbols: Symbols, node: Expression, left: Polynomial, right: Polynomial): Polynomial {
  const { atoms } = symbols;
  if (!isSumOfGround(atoms, subtract(right, constant(1)))) return unknown(symbols, node);
  const [divisible, rest] = splitByDivisor(left, right);
  const whole = divideExactly(divisible, right);
  if (whole === null || rest.size === 0) return whole ?? unknown(symbols, node);
  const text = `idiv(${atoms.print(rest)}, ${atoms.print(right)})`;
  const floor = { numerator: rest, divisor: right };
  const made = atoms.get(`idiv ${keyOf(rest)} by ${keyOf(right)}`, text, { floor }, (quotient) => {
    // 0 <= rest - right * quotient <= right - 1, which also bounds `rest` by the quotient; see remainderOf.
    for (const fact of between(subtract(rest, multiply(right, atom(quotient.id))), constant(0), right))
      atoms.learn(quotient, fact);
  });
  return add(whole, atom(made.id));
}

/** left mod right, with left = right * floor(left / right) + it. */
function remainderOf(symbols: Symbols, node: Expression, left: Polynomial, right: Polynomial): Polynomial {
  const { atoms } = symbols;
  if (!isSumOfGround(atoms, subtract(right, constant(1)))) return unknown(symbols, node);
  const [, rest] = splitByDivisor(left, right);
  if (rest.size === 0) return constant(0);
  const quotient = floorOf(symbols, node, rest, right);
  const made = atoms.get(
    `mod ${keyOf(rest)} by ${keyOf(right)}`,
    `mod(${atoms.print(rest)}, ${atoms.print(right)})`,
    {},
    (remainder) => {
      for (const fact of between(atom(remainder.id), constant(0), right)) atoms.learn(remainder, fact);
      const difference = subtract(subtract(rest, multiply(right, quotient)), atom(remainder.id));
      for (const part of rest.keys()) {
        // A single index is known by its quotient and remainder too: d = 2 * idiv(d, 2) + mod(d, 2).
        if (part === '' || part.includes('*')) continue;
        atoms.learn(atoms.byId(part), difference);
        atoms.learn(atoms.byId(part), subtract(constant(0), difference));
      }
    },
  );
  return atom(made.id);
}

/** An atom for what no arithmetic explains: an element of an index tensor, an attr, a reduction's index. */
function unknown(symbols: Symbols, expression: Expression): Polynomial {
  const { atoms, operator } = symbols;
  const key = `unknown ${expressionKey(expression)}`;
  const text = printExpression(expression);
  if (expression.kind === 'attr') return atom(atoms.get(key, text, { unbounded: { kind: 'attr', name: text } }).id);
  if (expression.kind === 'load') {
    const tensor = operator.inputs.find((input) => input.name === expression.tensor);
    const range = tensor?.kind === 'dense' ? tensor.range : null;
    if (range === null)
      return atom(atoms.get(key, text, { unbounded: { kind: 'tensor', name: expression.tensor } }).id);
    const low = polynomialOf(symbols, range.low);
    const high = polynomialOf(symbols, range.high);
    return bounded(symbols, key, text, low, high);
  }
  if (expression.kind === 'reduce' && expression.type === 'i32') {
    return bounded(symbols, key, text, constant(0), polynomialOf(symbols, expression.extent));
  }
  return atom(atoms.get(key, text).id);
}

function bounded({ atoms }: Symbols, key: string, text: string, low: Polynomial, high: Polynomial): Polynomial {
  return atom(
    atoms.get(key, text, {}, (made) => {
      for (const fact of between(atom(made.id), low, high)) atoms.learn(made, fact);
    }).id,
  );
}

/** Too many cases are not told apart: the whole is then a number of which nothing is known. */
function few(symbols: Symbols, expression: Expression, cases: readonly Case[]): readonly Case[] {
  return cases.length <= mostCases ? cases : [{ facts: [], value: unknown(symbols, expression) }];
}
