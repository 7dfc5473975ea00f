/** How far a compiled execution may be from the oracle, by the type an output is stored in. The one table of all tests. */
import type { StorageType } from '../dsl/lang/rounding.ts';

/**
 * Targets compute in f32 and round once. Where the two executions straddle a rounding boundary an element of a 16-bit type
 * differs by a `unit` in the last place; `sums` is what f32's order of sums and a few such elements make of a large output,
 * and is well below what a second rounding of every element would (0.4 units).
 */
const bounds: Readonly<Record<StorageType, { readonly sums: number; readonly unit: number }>> = {
  bf16: { sums: 8e-4, unit: 2 ** -8 },
  f16: { sums: 1e-4, unit: 2 ** -11 },
  f32: { sums: 2e-6, unit: 0 },
  i32: { sums: 0, unit: 0 },
};

/** The largest relative L2 error of an output of `size` elements. */
export function relativeBound(storage: StorageType, size: number): number {
  const { sums, unit } = bounds[storage];
  return sums + unit / Math.sqrt(Math.max(size, 1));
}

/** ‖found - expected‖ / ‖expected‖. NaN and infinities must be in the same places, or the error is infinite. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i] ?? Number.NaN, expected[i] ?? Number.NaN];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) {
      if (Number.isFinite(b)) norm += b * b;
      continue;
    }
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY;
    difference += (a - b) ** 2;
    norm += b * b;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}
