/** How far an index goes, as text for a message: its largest or least value over all that its atoms may be. */
import type { Atoms } from './atoms.ts';
import type { Case } from './cases.ts';
import { add, atomsOf, constant, constantOf, multiply, type Polynomial, solveFor, subtract } from './polynomial.ts';
import { isSumOfGround } from './prove.ts';
import type { Worlds } from './worlds.ts';

/**
 * In terms of dimensions and of what the extent is made of. null where some other atom has no bound of the plain kind
 * `v <= polynomial`.
 */
export function reachOf(
  atoms: Atoms,
  { value, facts }: Case,
  isUpward: boolean,
  extent: Polynomial,
  worlds: Worlds,
): string | null {
  const inExtent = atomsOf(extent);
  let reached = value;
  for (let round = 0; round < 12; round++) {
    const unknown = [...atomsOf(reached)].filter((id) => !atoms.byId(id).isGround && !inExtent.has(id));
    const [id] = unknown.sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
    if (id === undefined) return atoms.print(reached);
    const next = replaceByBound(
      atoms,
      reached,
      id,
      isUpward,
      [...facts, ...(worlds[0] ?? []), ...atoms.factsAbout(id)],
      inExtent,
    );
    if (next === null) return null;
    reached = next;
  }
  return null;
}

function replaceByBound(
  atoms: Atoms,
  p: Polynomial,
  id: string,
  isUpward: boolean,
  facts: readonly Polynomial[],
  inExtent: ReadonlySet<string>,
): Polynomial | null {
  const solved = solveFor(p, id);
  if (solved === null) return null;
  const { a, b } = solved;
  const isGrowing = isSumOfGround(atoms, a);
  if (!isGrowing && !isSumOfGround(atoms, subtract(constant(0), a))) return null;
  // Going up, an atom with a growing coefficient is at its upper bound: a fact in which it is counted negatively.
  const wanted = isGrowing === isUpward ? -1 : 1;
  const bounds = facts.flatMap((fact) => {
    const bound = solveFor(fact, id);
    return bound !== null && constantOf(bound.a) === wanted ? [multiply(bound.b, constant(-wanted))] : [];
  });
  // The tightest bound is the one of least other unknowns: a guard's, an extent's.
  const [best] = bounds.sort((x, y) => unknowns(atoms, x, inExtent) - unknowns(atoms, y, inExtent));
  return best === undefined ? null : add(b, multiply(a, best));
}

function unknowns(atoms: Atoms, p: Polynomial, inExtent: ReadonlySet<string>): number {
  return [...atomsOf(p)].filter((id) => !atoms.byId(id).isGround && !inExtent.has(id)).length;
}
