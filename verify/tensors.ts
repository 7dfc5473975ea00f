/** Tensors as the two executions hold them: f64 numbers for the oracle, storage bits for a compiled program. */
import type { PagedDeclaration } from '../dsl/lang/declare.ts';
import { fromBits, roundTo, type StorageType, toBits } from '../dsl/lang/rounding.ts';
import type { PagedValue } from '../dsl/lang/values.ts';
import type { TensorData } from '../runtime/program.ts';

/** The bits of values, each rounded to the storage type. */
export function toStorage(storage: StorageType, values: ArrayLike<number>): TensorData {
  switch (storage) {
    case 'bf16':
    case 'f16':
      return mapped(new Uint16Array(values.length), values, (value) => toBits(storage, value));
    case 'f32':
      return Float32Array.from(values);
    case 'i32':
      return Int32Array.from(values);
  }
}

export function fromStorage(storage: StorageType, data: TensorData): Float64Array | Int32Array {
  switch (storage) {
    case 'bf16':
    case 'f16':
      return mapped(new Float64Array(data.length), data, (bits) => fromBits(storage, bits));
    case 'f32':
      return Float64Array.from(data);
    case 'i32':
      return Int32Array.from(data);
  }
}

/** `target` filled with f of each value: `from` of a typed array takes several times as long. */
function mapped<Target extends Uint16Array | Float64Array>(
  target: Target,
  values: ArrayLike<number>,
  f: (value: number) => number,
): Target {
  for (let i = 0; i < target.length; i++) target[i] = f(values[i] ?? Number.NaN);
  return target;
}

/** What an output holds before a launch, so that an element nobody writes shows: NaN, or a number no test computes. */
export function poisoned(storage: StorageType, size: number): TensorData {
  return toStorage(storage, new Array<number>(size).fill(storage === 'i32' ? -12345 : Number.NaN));
}

export function rounded(storage: StorageType, values: ArrayLike<number>): Float64Array {
  return mapped(new Float64Array(values.length), values, (value) => roundTo(storage, value));
}

/**
 * Rows by slot as pages: per block the fields one after the other, each [heads][blockSize][width], where the last axis of a
 * row is its width and the others together its heads.
 */
export function toPages(declaration: PagedDeclaration, value: PagedValue, blockSize: number): Float64Array {
  const pages = new Float64Array(pagedSize(declaration, value));
  forEachElement(declaration, value, blockSize, (field, from, to) => {
    pages[to] = value.fields[field]?.[from] ?? Number.NaN;
  });
  return pages;
}

/** The inverse of `toPages`; `like` gives the number of slots. */
export function fromPages(
  declaration: PagedDeclaration,
  pages: ArrayLike<number>,
  like: PagedValue,
  blockSize: number,
): PagedValue<Float64Array> {
  const fields = Object.fromEntries(
    Object.entries(like.fields).map(([field, rows]) => [field, new Float64Array(rows.length)]),
  );
  forEachElement(declaration, like, blockSize, (field, from, to) => {
    const rows = fields[field];
    if (rows) rows[from] = pages[to] ?? Number.NaN;
  });
  return { fields };
}

/** Slots of a paged value. */
export function slotsOf(declaration: PagedDeclaration, value: PagedValue): number {
  const [first] = Object.entries(declaration.fields);
  return first === undefined ? 0 : (value.fields[first[0]]?.length ?? 0) / product(first[1]);
}

function pagedSize(declaration: PagedDeclaration, value: PagedValue): number {
  return Object.values(declaration.fields).reduce((size, row) => size + slotsOf(declaration, value) * product(row), 0);
}

function forEachElement(
  declaration: PagedDeclaration,
  value: PagedValue,
  blockSize: number,
  visit: (field: string, inRows: number, inPages: number) => void,
): void {
  const slots = slotsOf(declaration, value);
  const perPosition = Object.values(declaration.fields).reduce((size, row) => size + product(row), 0);
  let before = 0;
  for (const [field, row] of Object.entries(declaration.fields)) {
    const width = row.at(-1) ?? 1;
    const heads = product(row) / width;
    for (let slot = 0; slot < slots; slot++) {
      const block = Math.floor(slot / blockSize);
      for (let head = 0; head < heads; head++)
        for (let d = 0; d < width; d++) {
          const place = (head * blockSize + (slot % blockSize)) * width + d;
          visit(field, (slot * heads + head) * width + d, (block * perPosition + before) * blockSize + place);
        }
    }
    before += product(row);
  }
}

export function product(extents: readonly number[]): number {
  return extents.reduce((size, extent) => size * extent, 1);
}
