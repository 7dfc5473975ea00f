/**
 * Reductions of f(i) over i in [0, n). One rule for all: max, argmax, topN and the thresholds ignore NaN unless every value
 * is NaN, and equal values are ordered by index, the least first.
 */

/** The names that become reduce nodes of the IR. */
export const reductions = ['sum', 'max', 'argmax', 'topN', 'kthLargest', 'massThreshold'] as const;

type Body = (i: number) => number;

/** sum(n, f) = f(0) + … + f(n - 1); 0 of nothing. */
export function sum(n: number, f: Body): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += f(i);
  return total;
}

/** max(n, f) = the largest of f(0) … f(n - 1), a NaN only if all are; -Infinity of nothing. */
export function max(n: number, f: Body): number {
  let largest = Number.NaN;
  for (let i = 0; i < n; i++) {
    const value = f(i);
    if (value > largest || Number.isNaN(largest)) largest = value;
  }
  return n > 0 ? largest : Number.NEGATIVE_INFINITY;
}

/** argmax(n, f) = the least i in [0, n) with f(i) = max(n, f); 0 if all are NaN. */
export function argmax(n: number, f: Body): number {
  let best = 0;
  let largest = Number.NaN;
  for (let i = 0; i < n; i++) {
    const value = f(i);
    if (!(value > largest || (Number.isNaN(largest) && !Number.isNaN(value)))) continue;
    best = i;
    largest = value;
  }
  return best;
}

/**
 * topN(n, count, f) = a function from place in [0, count) to index: the indices of the `count` largest values, the largest's at place 0,
 * equal values by index. NaN values come last.
 *
 * @throws RangeError for a count above n, and from that function for a place outside of [0, count).
 */
export function topN(n: number, count: number, f: Body): (place: number) => number {
  if (count > n) throw new RangeError(`topN: ${count} places of ${n} values`);
  const best: { readonly index: number; readonly value: number }[] = [];
  for (let index = 0; index < n; index++) {
    const value = f(index);
    let place = best.length;
    while (place > 0 && isAhead(value, best[place - 1]?.value ?? Number.NaN)) place--;
    if (place < count) best.splice(place, 0, { index, value });
    if (best.length > count) best.pop();
  }
  return (place) => {
    const index = best[place]?.index;
    if (index === undefined) throw new RangeError(`topN: place ${place} of ${count}`);
    return index;
  };
}

function isAhead(value: number, other: number): boolean {
  return value > other || (Number.isNaN(other) && !Number.isNaN(value));
}

/** kthLargest(n, k, f) = the k-th largest of f(0) … f(n - 1), k counted from 1 and clamped to [1, n]. */
export function kthLargest(n: number, k: number, f: Body): number {
  const order = descending(n, f);
  return order[Math.min(Math.max(k, 1), order.length) - 1] ?? Number.NaN;
}

/**
 * massThreshold(n, p, f) = the largest value v such that the values >= v hold at least the share p in [0, 1] of sum(n, i => exp(f(i))): the
 * threshold of nucleus sampling (Holtzman et al., 2019).
 */
export function massThreshold(n: number, p: number, f: Body): number {
  const order = descending(n, f);
  const largest = order[0] ?? Number.NaN;
  const mass = (value: number) => (value === largest ? 1 : Math.exp(value - largest));
  const total = order.reduce((partial, value) => partial + mass(value), 0);
  let held = 0;
  for (const value of order) {
    held += mass(value);
    // Equal values enter together: the threshold is the value, so stopping inside a run of equals names the same one.
    if (held >= p * total) return value;
  }
  return order.at(-1) ?? Number.NaN;
}

/** The values that are no NaN; equal ones are not told apart. */
function descending(n: number, f: Body): Float64Array {
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = f(i);
  return values
    .filter((value) => !Number.isNaN(value))
    .sort()
    .reverse();
}
