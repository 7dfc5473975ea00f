/** Softmax-weighted contractions over a range of keys: `attend` is the whole of an output, whose last axis is the value's. */

/** Half-open: [low, high). Empty where high <= low. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The keys of an `attend`: positions [low, high), none where high <= low. */
export const range = (low: number, high: number): Range => ({ low, high });

/** What an author says about key j: its score before the softmax, its value, and whether it takes part (it does by default). */
export interface Attention {
  readonly score: number;
  /** Of the last axis, which the key's weight multiplies. */
  readonly value: (d: number) => number;
  readonly mask?: boolean;
}

/** A contraction that waits for the index of its last axis. */
export interface Attended {
  readonly kind: 'attended';
  /** The weighted sum at index d. */
  readonly at: (d: number) => number;
}

/** sum over j of softmax_j(score) * value(d), for j in the range where mask holds; 0 if there is none. */
export function attend(keys: Range, describe: (j: number) => Attention): Attended {
  const taken: Attention[] = [];
  for (let j = keys.low; j < keys.high; j++) {
    const attention = describe(j);
    if (attention.mask !== false) taken.push(attention);
  }
  const largest = taken.reduce((best, { score }) => Math.max(best, score), Number.NEGATIVE_INFINITY);
  const weights = taken.map(({ score }) => (largest === Number.NEGATIVE_INFINITY ? 0 : Math.exp(score - largest)));
  const total = weights.reduce((partial, weight) => partial + weight, 0);
  return {
    kind: 'attended',
    at: (d) =>
      total === 0 ? 0 : taken.reduce((partial, { value }, j) => partial + (weights[j] ?? 0) * value(d), 0) / total,
  };
}
