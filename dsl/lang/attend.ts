/** Softmax-weighted contractions over a range of keys: `attend` is the whole of an output, whose last axis is the value's. */

/** Half-open: [low, high). Empty where high <= low. */
export interface Range {
  /** The first position. */
  readonly low: number;
  /** The position behind the last. */
  readonly high: number;
}

/** The keys of an `attend`: positions [low, high), none where high <= low. */
export const range = (low: number, high: number): Range => ({ low, high });

/** What an author says about key j: its score before the softmax, its value, and whether it takes part (it does by default). */
export interface Attention {
  /** Before the softmax, as a logit: any number; keys of -Infinity take no part. */
  readonly score: number;
  /** Of the last axis, which the key's weight multiplies. */
  readonly value: (d: number) => number;
  /** Whether key j takes part; true unless given. */
  readonly mask?: boolean;
}

/** A contraction that waits for the index of its last axis. */
export interface Attended {
  readonly kind: 'attended';
  /** The weighted sum at index d. */
  readonly at: (d: number) => number;
}

/**
 * Scaled dot-product attention in its general form (Vaswani et al., 2017): attend(range, describe)[d] = sum over j of
 * softmax_j(score(j)) * value(j, d), for j in the range where mask holds; 0 if there is none. It is the whole of an output, and d its last index.
 */
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
