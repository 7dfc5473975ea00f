/** What a kernel moves and computes, by its forms: for `explain`, and for the roofline of a benchmark. */
import type { Expression } from './ir/expression.ts';
import type { Kernel } from './ir/kernel.ts';
import { kernelAccess } from './ir/kernel-access.ts';
import { baseOf, type Program, type ProgramValue } from './ir/program.ts';
import { some, walk } from './ir/rewrite.ts';

/** constant + perRow * rows, where rows is the leading count of what the kernel writes, + perKey * keys. */
export interface KernelCost {
  /** The count of the rows, such as `T`; null where they are constant. */
  readonly rows: string | null;
  /** Bytes of weights and constants, whatever the batch. */
  readonly fixedBytes: number;
  /** Bytes a row of what has the leading count, and the rows of weights that it looks up. */
  readonly bytesPerRow: number;
  /** Bytes that an attend reads of the cache for each position of a sequence, once for all its queries. */
  readonly bytesPerKey: number;
  /** Floating-point operations a row; an attend's are counted a key. */
  readonly flopsPerRow: number;
}

/** What large copies and large bf16 products reach on one NVIDIA H200, in bytes and operations a second. */
export const H200 = { bytesPerSecond: 4.2e12, flopsPerSecond: 750e12 };

const BYTES = { bf16: 2, f16: 2, f32: 4, i32: 4 } as const;

export function kernelCost(kernel: Kernel, program: Program): KernelCost {
  const { reads, writes } = kernelAccess(kernel);
  const locals = new Set(kernel.kind === 'nest' ? kernel.locals : []);
  const lookedUp = lookedUpRows(kernel);
  let fixedBytes = 0;
  let bytesPerRow = 0;
  let bytesPerKey = 0;
  for (const key of new Set([...reads, ...writes].map((touched) => baseOf(program, touched)))) {
    const value = program.values.get(key);
    if (!value || locals.has(key)) continue;
    const isFixed = value.role.kind === 'weight' || value.role.kind === 'constant';
    if (isFixed && lookedUp.has(key)) bytesPerRow += bytesOf(value) / Number(value.shape[0]);
    else if (isFixed) fixedBytes += bytesOf(value);
    else if (value.paged) bytesPerKey += kernel.kind === 'attend' ? pageBytes(value) : 0;
    else if (value.role.kind !== 'state') bytesPerRow += bytesOf(value);
  }
  return { rows: rowsOf(kernel), fixedBytes, bytesPerRow, bytesPerKey, flopsPerRow: flopsPerRow(kernel) };
}

function rowsOf(kernel: Kernel): string | null {
  const extent = kernel.kind === 'nest' ? kernel.rows : kernel.axes[0]?.extent;
  return extent?.kind === 'dim' ? extent.name : null;
}

/** Weights of which a row of a nest reads one row, the one that an index tensor names. */
function lookedUpRows(kernel: Kernel): ReadonlySet<string> {
  const found = new Set<string>();
  if (kernel.kind !== 'nest') return found;
  for (const nest of kernel.nests) {
    for (const root of nest.kind === 'store' ? [nest.value] : nest.writes.map(({ value }) => value))
      walk(root, (node) => {
        const [row] = node.kind === 'load' ? node.indices : [];
        if (node.kind === 'load' && row && some(row, ({ kind }) => kind === 'load')) found.add(node.tensor);
      });
  }
  return found;
}

function pageBytes({ paged, storage }: ProgramValue): number {
  const elements = (paged?.fields ?? []).map(({ shape }) => shape.reduce((product, extent) => product * extent, 1));
  return elements.reduce((sum, size) => sum + size, 0) * BYTES[storage];
}

function bytesOf(value: ProgramValue): number {
  return value.shape.reduce<number>(
    (product, extent) => (typeof extent === 'number' ? product * extent : product),
    BYTES[value.storage],
  );
}

function flopsPerRow(kernel: Kernel): number {
  const volume = (extents: readonly Expression[]): number =>
    extents.reduce((product, extent) => (extent.kind === 'number' ? product * extent.value : product), 1);
  switch (kernel.kind) {
    case 'nest':
      return kernel.nests.reduce(
        (sum, nest) =>
          sum +
          (nest.kind === 'store'
            ? volume(nest.axes.map((axis) => axis.extent)) * arithmetic(nest.value)
            : nest.writes.reduce(
                (inner, write) => inner + volume(write.axes.map((axis) => axis.extent)) * arithmetic(write.value),
                0,
              )),
        0,
      );
    case 'contract':
      return (
        volume(kernel.axes.map((axis) => axis.extent)) *
        (kernel.products.reduce((sum, product) => sum + 2 * Number(product.depth), 0) + arithmetic(kernel.epilogue))
      );
    case 'attend':
      return (
        volume(kernel.axes.map((axis) => axis.extent)) *
        (kernel.products.reduce((sum, product) => sum + 2 * Number(product.depth), 0) +
          2 * volume([kernel.width]) +
          arithmetic(kernel.score))
      );
  }
}

/** f32 operations of one evaluation; those of a row reduction count once, as they are shared by the row. */
function arithmetic(root: Expression): number {
  let count = 0;
  walk(root, (node) => {
    if ((node.kind === 'binary' && node.type === 'f32') || node.kind === 'intrinsic') count++;
  });
  return count;
}
