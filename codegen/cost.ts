/** What a kernel moves and computes, by its forms: for `explain`, and for the roofline of a benchmark. */
import type { Expression } from './ir/expression.ts';
import type { Kernel } from './ir/kernel.ts';
import { kernelAccess } from './ir/kernel-access.ts';
import { baseOf, type Program, type ProgramValue } from './ir/program.ts';
import { walk } from './ir/rewrite.ts';

/** constant + perRow * rows, where rows is the leading count of what the kernel writes. */
export interface KernelCost {
  /** Bytes of weights and constants, whatever the batch. */
  readonly fixedBytes: number;
  /** Bytes a row of what has the leading count. */
  readonly bytesPerRow: number;
  /** Floating-point operations a row; an attend's are counted a key. */
  readonly flopsPerRow: number;
}

const BYTES = { bf16: 2, f16: 2, f32: 4, i32: 4 } as const;

export function kernelCost(kernel: Kernel, program: Program): KernelCost {
  const { reads, writes } = kernelAccess(kernel);
  const locals = new Set(kernel.kind === 'nest' ? kernel.locals : []);
  let fixedBytes = 0;
  let bytesPerRow = 0;
  for (const key of new Set([...reads, ...writes].map((touched) => baseOf(program, touched)))) {
    const value = program.values.get(key);
    if (!value || locals.has(key)) continue;
    if (value.role.kind === 'weight' || value.role.kind === 'constant') fixedBytes += bytesOf(value);
    else if (!value.paged && value.role.kind !== 'state') bytesPerRow += bytesOf(value);
  }
  return { fixedBytes, bytesPerRow, flopsPerRow: flopsPerRow(kernel) };
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
