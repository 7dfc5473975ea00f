/**
 * `/` between dimensions is exact, and `where` is what says so: `HQ / HK` rests on `HQ % HK === 0`, which is checked at each
 * call. A division that nothing says is exact would round in secret, and proofs made with it would be wrong.
 */
import { nodesOf } from '../../ir/children.ts';
import { expressionsOf } from '../../ir/definitions.ts';
import type { Binary, Expression } from '../../ir/expression.ts';
import { expressionKey } from '../../ir/key.ts';
import type { OperatorIr } from '../../ir/operator.ts';
import { polynomialOf, type Symbols } from './cases.ts';
import { constant, divideExactly } from './polynomial.ts';

/** Dimensions that `where` says are multiples, as products from here on: before any polynomial is made of them. */
export function learnDivisibility(symbols: Symbols): void {
  const byNumber = new Map<string, number>();
  const byDimension: { readonly name: string; readonly divisor: Expression & { kind: 'dim' } }[] = [];
  for (const { left, right } of statedRemainders(symbols.operator)) {
    if (left.kind !== 'dim') continue;
    if (right.kind === 'number')
      byNumber.set(left.name, leastCommonMultiple(byNumber.get(left.name) ?? 1, right.value));
    if (right.kind === 'dim') byDimension.push({ name: left.name, divisor: right });
  }
  // Numbers first, so that a divisor which is itself a multiple is known as one.
  for (const [name, divisor] of byNumber) symbols.atoms.learnDivisible(name, constant(divisor), String(divisor));
  for (const { name, divisor } of byDimension) {
    symbols.atoms.learnDivisible(name, polynomialOf(symbols, divisor), divisor.name);
  }
}

/** The divisions of dimensions, in shapes and formulas, of which `where` does not say that they are exact. */
export function inexactDivisions(symbols: Symbols): readonly (Expression & { kind: 'binary' })[] {
  const { operator } = symbols;
  const stated = new Set(statedRemainders(operator).map(({ left, right }) => divisionKey(left, right)));
  return nodesOf(...operator.where, ...shapesOf(operator), ...operator.definitions.flatMap(expressionsOf)).filter(
    (node): node is Expression & { kind: 'binary' } => {
      if (node.kind !== 'binary' || node.op !== '/' || node.type !== 'i32') return false;
      if (stated.has(divisionKey(node.left, node.right))) return false;
      return divideExactly(polynomialOf(symbols, node.left), polynomialOf(symbols, node.right)) === null;
    },
  );
}

/** The a % b of each a % b === 0 that holds whatever else does: a whole fact, or a side of a fact's `&&`. */
function statedRemainders(operator: OperatorIr): readonly Binary[] {
  const conjuncts = (fact: Expression): readonly Expression[] =>
    fact.kind === 'logical' && fact.op === '&&' ? [...conjuncts(fact.left), ...conjuncts(fact.right)] : [fact];
  return operator.where.flatMap(conjuncts).flatMap((fact) => {
    if (fact.kind !== 'compare' || fact.op !== '==') return [];
    const sides = [fact.left, fact.right];
    const isZero = sides.some((side) => side.kind === 'number' && side.value === 0);
    return isZero ? sides.filter((side) => side.kind === 'binary').filter((side) => side.op === 'mod') : [];
  });
}

function divisionKey(left: Expression, right: Expression): string {
  return `${expressionKey(left)} / ${expressionKey(right)}`;
}

function shapesOf(operator: OperatorIr): readonly Expression[] {
  return [...operator.inputs, ...operator.outputs].flatMap((tensor) =>
    tensor.kind === 'dense' ? tensor.shape : tensor.fields.flatMap((field) => field.shape),
  );
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x === 0 ? a : (a * Math.abs(b)) / x;
}
