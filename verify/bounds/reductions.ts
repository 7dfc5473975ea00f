/** Reductions of approximate numbers: a place is known where no other value may have it. */
import { assertNever } from '../../codegen/ir/assert-never.ts';
import type { Reduce } from '../../codegen/ir/expression.ts';
import { argmax, kthLargest, massThreshold, max, topN } from '../../dsl/lang/reductions.ts';
import { type Approximate, anything, exactly, isSettled, total } from './approximate.ts';

export function reduced(
  op: Reduce['op'],
  terms: readonly Approximate[],
  parameter: number,
  count: number,
): Approximate {
  const n = terms.length;
  const at = (i: number): Approximate => terms[i] ?? anything(Number.NaN);
  const value = (i: number): number => at(i).value;
  const widest = terms.reduce((most, { error }) => Math.max(most, error), 0);
  switch (op) {
    case 'sum':
      return total(terms);
    case 'max': {
      const largest = max(n, value);
      const near = terms.filter((term) => term.value + term.error >= largest - widest);
      return n === 0
        ? exactly(largest)
        : { value: largest, error: near.reduce((most, { error }) => Math.max(most, error), 0) };
    }
    case 'argmax':
      return settledPlace(terms, argmax(n, value));
    case 'topN':
      return settledPlace(terms, topN(n, count, value)(parameter));
    case 'kthLargest':
      return { value: kthLargest(n, parameter, value), error: widest };
    case 'massThreshold': {
      const threshold = massThreshold(n, parameter, value);
      return isMassSettled(terms, parameter, threshold) ? { value: threshold, error: widest } : anything(threshold);
    }
    default:
      return assertNever(op);
  }
}

/** The place of a value in the order of all, if no other may have it. */
function settledPlace(terms: readonly Approximate[], place: number): Approximate {
  const own = terms[place];
  if (own === undefined) return exactly(place);
  const isSure = terms.every((term, other) => other === place || isSettled(term, own));
  return isSure ? exactly(place) : anything(place);
}

/** Whether the mass above the threshold misses the share, and that with it holds it, by more than f32 may be off. */
function isMassSettled(terms: readonly Approximate[], share: number, threshold: number): boolean {
  const widest = terms.reduce((most, { error }) => Math.max(most, error), 0);
  const mass = ({ value }: Approximate): number => Math.exp(value - threshold);
  const sum = (list: readonly Approximate[]): number => list.reduce((partial, term) => partial + mass(term), 0);
  const asked = share * sum(terms);
  const slack = asked * (4 * widest + 1e-6 * terms.length);
  const above = sum(terms.filter(({ value }) => value > threshold));
  const held = sum(terms.filter(({ value }) => value >= threshold));
  return (
    above < asked - slack &&
    held > asked + slack &&
    terms.every((a) => a.value === threshold || Math.abs(a.value - threshold) > 2 * widest)
  );
}
