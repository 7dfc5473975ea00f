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

const mostSteps = 200;
/** Goals that grow beyond what an author would write do not shrink again. */
const mostTerms = 14;
/** Contradictions that matter are short: a remainder that is 0 and 1, an index below 0. */
const mostStepsToContradiction = 30;

export function isNeverNegative(atoms: Atoms, goal: Polynomial, facts: Facts): boolean {
  return search(atoms, goal, facts, mostSteps) || isImpossible(atoms, facts);
}

/** Facts that contradict each other: nothing is ever evaluated where they stand. */
function isImpossible(atoms: Atoms, facts: Facts): boolean {
  return facts.some((fact) => {
    const others = facts.filter((other) => other !== fact);
    return search(atoms, subtract(constant(-1), fact), others, mostStepsToContradiction);
  });
}

/** Best first: of all goals that imply the given one, the next tried is the one with the fewest unknown atoms. */
function search(atoms: Atoms, goal: Polynomial, facts: Facts, allowed: number): boolean {
  const visited = new Set<string>();
  const open: { readonly p: Polynomial; readonly effort: number }[] = [];
  const consider = (given: Polynomial, depth: number): void => {
    const p = tighten(given);
    if (p.size > mostTerms) return;
    const key = keyOf(p);
    if (constantOf(p) !== null && !isSumOfGround(atoms, p)) return;
    if (!visited.has(key)) open.push({ p, effort: effortOf(atoms, p) + depth });
    visited.add(key);
  };
  consider(goal, 0);
  for (let step = 0; step < allowed; step++) {
    const next = takeLeast(open);
    if (next === undefined) return false;
    if (isSumOfGround(atoms, next.p)) return true;
    const depth = next.effort - effortOf(atoms, next.p) + 1;
    for (const id of atomsOf(next.p))
      for (const implying of boundsBy(atoms, next.p, id, facts)) consider(implying, depth);
  }
  return false;
}

/** Goals that each imply the goal p, with the atom replaced by one of its bounds. */
function boundsBy(atoms: Atoms, p: Polynomial, id: string, facts: Facts): readonly Polynomial[] {
  const solved = solveFor(p, id);
  if (solved === null) return [];
  const { a, b } = solved;
  const sign = signOf(atoms, a);
  if (sign === 0) return [];
  const byFacts = [...atoms.factsAbout(id), ...facts].flatMap((fact) => boundByFact(atoms, fact, id, a, b, sign));
  return [...floorBounds(atoms, id, a, b, sign), ...byFacts];
}

/** From c * v + r >= 0: v is at least -r / c for c > 0, at most r / -c for c < 0. */
function boundByFact(
  atoms: Atoms,
  fact: Polynomial,
  id: string,
  a: Polynomial,
  b: Polynomial,
  sign: number,
): readonly Polynomial[] {
  const solved = solveFor(fact, id);
  if (solved === null || signOf(atoms, solved.a) !== sign) return [];
  const size = sign > 0 ? solved.a : subtract(constant(0), solved.a);
  return [add(multiply(b, size), multiply(a, solved.b), -sign)];
}

/** How far a goal is from one about dimensions alone. */
function effortOf(atoms: Atoms, p: Polynomial): number {
  const unknown = [...atomsOf(p)].filter((id) => !atoms.byId(id).isGround).length;
  return 4 * unknown + p.size;
}

function takeLeast<Item extends { readonly effort: number }>(items: Item[]): Item | undefined {
  let best = 0;
  for (const [place, item] of items.entries()) if (item.effort < (items[best]?.effort ?? 0)) best = place;
  return items.splice(best, 1)[0];
}

/**
 * q = floor(n / d), d > 0: q <= x is exactly n <= (x + 1) * d - 1, and q >= x is exactly n >= x * d. Where b does not divide by a,
 * so that there is no such x, the bounds n - d + 1 <= q * d <= n stand in.
 */
function floorBounds(atoms: Atoms, id: string, a: Polynomial, b: Polynomial, sign: number): readonly Polynomial[] {
  const { floor } = atoms.byId(id);
  if (floor === null) return [];
  const { numerator: n, divisor: d } = floor;
  const one = constant(1);
  const ratio = divideExactly(b, a);
  const exact =
    ratio === null
      ? []
      : [sign > 0 ? add(n, multiply(ratio, d)) : subtract(subtract(multiply(subtract(one, ratio), d), n), one)];
  const least = sign > 0 ? add(subtract(n, d), one) : n;
  return [...exact, add(multiply(b, d), multiply(a, least))];
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
