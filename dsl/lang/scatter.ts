/** Writes into a state tensor: `scatter` is the whole of a state output, the next version of the input of the same name. */

/** Writes that wait to be applied, in no order. */
export interface Scattered<Write> {
  readonly kind: 'scattered';
  /** The number of writes: n is in [0, extent). */
  readonly extent: number;
  /** The slot of write n, and what is written there. */
  readonly write: (n: number) => Write;
}

/**
 * For each n in [0, extent) one write; nothing is written where its slot is negative. The slots that are not must differ:
 * the oracle throws a RangeError for two of one step that are equal, and a target, whose writes run side by side, keeps either.
 */
export function scatter<const Write>(extent: number, write: (n: number) => Write): Scattered<Write> {
  return { kind: 'scattered', extent, write };
}
