/**
 * Proves that a polynomial is never negative: the atoms of unknown value are replaced one by one by a bound that known facts
 * give, until only dimensions are left, which are at least 1. The search is bounded; a proof that is not found is a no.
 */
import type { Atoms } from './atoms.ts';
import {
  add,
  atomsOf,
  atomsOfProduct,
  constant,
  constantOf,
  divideExactly,
  keyOf,
  multiply,
  type Polynomial,
  solveFor,
  subtract,
  tighten,
} from './polynomial.ts';

/** Polynomials known not to be negative where the goal stands. */
export type Facts = readonly Polynomial[];

const deepest = 9;
const mostSteps = 1500;

export function isNeverNegative(atoms: Atoms, goal: Polynomial, facts: Facts): boolean {
  return search(atoms, goal, facts) || isImpossible(atoms, facts);
}

/** Facts that contradict each other: nothing is ever evaluated where they stand. */
function isImpossible(atoms: Atoms, facts: Facts): boolean {
  return facts.some((fact) =>
    search(
      atoms,
      subtract(constant(-1), fact),
      facts.filter((other) => other !== fact),
    ),
  );
}

function search(atoms: Atoms, goal: Polynomial, facts: Facts): boolean {
  const visited = new Set<string>();
  let steps = 0;

  const prove = (given: Polynomial, depth: number): boolean => {
    const p = tighten(given);
    if (isSumOfGround(atoms, p)) return true;
    if (depth >= deepest || constantOf(p) !== null || ++steps > mostSteps) return false;
    const key = keyOf(p);
    if (visited.has(key)) return false;
    visited.add(key);
    return candidatesOf(atoms, p).some((id) => boundsBy(id, p).some((next) => prove(next, depth + 1)));
  };

  /** Goals that each imply the goal p, with the atom replaced by one of its bounds. */
  const boundsBy = (id: string, p: Polynomial): readonly Polynomial[] => {
    const solved = solveFor(p, id);
    if (solved === null) return [];
    const { a, b } = solved;
    const sign = signOf(atoms, a);
    if (sign === 0) return [];
    return [
      ...floorBounds(atoms, id, a, b, sign),
      ...[...atoms.factsAbout(id), ...facts].flatMap((fact) => boundByFact(fact, id, a, b, sign)),
    ];
  };

  /** From c * v + r >= 0: v is at least -r / c for c > 0, at most r / -c for c < 0. */
  const boundByFact = (
    fact: Polynomial,
    id: string,
    a: Polynomial,
    b: Polynomial,
    sign: number,
  ): readonly Polynomial[] => {
    const solved = solveFor(fact, id);
    if (solved === null || signOf(atoms, solved.a) !== sign) return [];
    const size = sign > 0 ? solved.a : subtract(constant(0), solved.a);
    return [add(multiply(b, size), multiply(a, solved.b), -sign)];
  };

  return prove(goal, 0);
}

/**
 * q = floor(n / d), d > 0. q <= b is exactly n <= (b + 1) * d - 1, and q >= -b is exactly n >= -b * d; with another coefficient
 * than 1 the bounds n - d + 1 <= q * d <= n stand in.
 */
function floorBounds(atoms: Atoms, id: string, a: Polynomial, b: Polynomial, sign: number): readonly Polynomial[] {
  const { floor } = atoms.byId(id);
  if (floor === null) return [];
  const { numerator: n, divisor: d } = floor;
  const one = constant(1);
  if (constantOf(a) === -1) return [subtract(subtract(multiply(add(b, one), d), n), one)];
  if (constantOf(a) === 1) return [add(n, multiply(b, d))];
  const least = sign > 0 ? add(subtract(n, d), one) : n;
  const byDivision = divideExactly(b, subtract(constant(0), a));
  const exact = sign < 0 && byDivision !== null ? [subtract(subtract(multiply(add(byDivision, one), d), n), one)] : [];
  return [...exact, add(multiply(b, d), multiply(a, least))];
}

/** Atoms to replace: the unknown ones first, the last made (which know others as bounds) before them; then dimensions. */
function candidatesOf(atoms: Atoms, p: Polynomial): readonly string[] {
  const order = (id: string): number => (atoms.byId(id).isGround ? 1e6 : 0) - Number(id.slice(1));
  return [...atomsOf(p)].sort((a, b) => order(a) - order(b));
}

/** 1 or -1 where a polynomial of dimensions has one sign and is not zero; 0 where that is not plain to see. */
function signOf(atoms: Atoms, p: Polynomial): number {
  if (p.size === 0) return 0;
  if (isSumOfGround(atoms, subtract(p, constant(1)))) return 1;
  return isSumOfGround(atoms, subtract(constant(-1), p)) ? -1 : 0;
}

/** Never negative because, with every dimension written as 1 + something, no coefficient is negative. */
export function isSumOfGround(atoms: Atoms, p: Polynomial): boolean {
  let shifted: Polynomial = constant(0);
  for (const [product, coefficient] of p) {
    let term = constant(coefficient);
    for (const id of atomsOfProduct(product)) {
      if (!atoms.byId(id).isGround) return false;
      term = multiply(
        term,
        new Map([
          [id, 1],
          ['', 1],
        ]),
      );
    }
    shifted = add(shifted, term);
  }
  return [...shifted.values()].every((coefficient) => coefficient >= 0);
}
