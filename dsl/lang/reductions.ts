/**
 * Reductions of f(i) over i in [0, n). One rule for all: max, argmax, topN and the thresholds ignore NaN unless every value
 * is NaN, and equal values are ordered by index, the least first.
 */

/** The names that become reduce nodes of the IR. */
export const reductions = ['sum', 'max', 'argmax', 'topN', 'kthLargest', 'massThreshold'] as const;

type Body = (i: number) => number;

/** The sum; 0 of nothing. */
export function sum(n: number, f: Body): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += f(i);
  return total;
}

/** The largest value; -Infinity of nothing. */
export function max(n: number, f: Body): number {
  let largest = Number.NaN;
  for (let i = 0; i < n; i++) {
    const value = f(i);
    if (value > largest || Number.isNaN(largest)) largest = value;
  }
  return n > 0 ? largest : Number.NEGATIVE_INFINITY;
}

/** The least index of the largest value; 0 if all are NaN. */
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
 * The indices of the `count` largest values, as a function from place (0 is the largest's) to index. `count` is at most n;
 * NaN values come last.
 */
export function topN(n: number, count: number, f: Body): (place: number) => number {
  if (count > n) throw new RangeError(`topN: ${count} places of ${n} values`);
  const order = descending(n, f);
  const rest = Array.from({ length: n }, (_, i) => i).filter((i) => Number.isNaN(f(i)));
  return (place) => {
    const index = order[place]?.index ?? rest[place - order.length];
    if (index === undefined || place >= count) throw new RangeError(`topN: place ${place} of ${count}`);
    return index;
  };
}

/** The k-th largest value, k counted from 1 and clamped to [1, n]. */
export function kthLargest(n: number, k: number, f: Body): number {
  const order = descending(n, f);
  return order[Math.min(Math.max(k, 1), order.length) - 1]?.value ?? Number.NaN;
}

/** The largest value v such that the values >= v hold at least the share p of the sum of exp(f(i)). */
export function massThreshold(n: number, p: number, f: Body): number {
  const order = descending(n, f);
  const largest = order[0]?.value ?? Number.NaN;
  const mass = (value: number) => (value === largest ? 1 : Math.exp(value - largest));
  const total = order.reduce((partial, { value }) => partial + mass(value), 0);
  let held = 0;
  for (const { value } of order) {
    held += mass(value);
    // Equal values enter together: the threshold is the value, so stopping inside a run of equals names the same one.
    if (held >= p * total) return value;
  }
  return order.at(-1)?.value ?? Number.NaN;
}

function descending(n: number, f: Body): readonly { readonly index: number; readonly value: number }[] {
  return Array.from({ length: n }, (_, index) => ({ index, value: f(index) }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => (a.value === b.value ? a.index - b.index : b.value > a.value ? 1 : -1));
}
