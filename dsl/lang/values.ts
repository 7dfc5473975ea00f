/** Values of the oracle: flat row-major arrays, and caches as rows by slot. */
import type { DeclaredElement, Shape } from './declare.ts';

/** A paged cache: each field's rows by slot, [blocks * blockSize, ...row]. */
export interface PagedValue<Numbers extends ArrayLike<number> = ArrayLike<number>> {
  /** By the field's name, flat and row-major. */
  readonly fields: Readonly<Record<string, Numbers>>;
}

/** What the oracle is given for a tensor: numbers, flat and row-major, or a paged cache. */
export type Value = ArrayLike<number> | PagedValue;

/** i32 tensors are Int32Array, others Float64Array; a state's next version is a copy. */
export type EvaluatedValue = Float64Array | Int32Array | PagedValue<Float64Array>;

export const sizeOf = (shape: Shape): number => shape.reduce((size, extent) => size * extent, 1);

export const slotsOf = (data: ArrayLike<number>, row: Shape): number => data.length / sizeOf(row);

export const allocate = (element: DeclaredElement, size: number) =>
  element === 'i32' ? new Int32Array(size) : new Float64Array(size);

export const copyOf = (element: DeclaredElement, data: ArrayLike<number>) =>
  element === 'i32' ? Int32Array.from(data) : Float64Array.from(data);

/** Every index of a shape in row-major order, with its place in that order. */
export function forEachIndex(shape: Shape, visit: (index: readonly number[], place: number) => void): void {
  const size = sizeOf(shape);
  for (let place = 0; place < size; place++) {
    let rest = place;
    const index = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] ?? 1;
      index[axis] = rest % extent;
      rest = Math.floor(rest / extent);
    }
    visit(index, place);
  }
}
