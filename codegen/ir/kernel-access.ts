/** Which values a kernel reads and writes. */
import { assertNever } from './assert-never.ts';
import type { Expression } from './expression.ts';
import type { Kernel, Operand } from './kernel.ts';
import { walk } from './rewrite.ts';

export interface KernelAccess {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

export function kernelAccess(kernel: Kernel): KernelAccess {
  const reads = new Set<string>();
  const writes = new Set<string>();
  const read = (root: Expression): void =>
    walk(root, (node) => {
      if (node.kind === 'load') reads.add(node.tensor);
    });
  const readOperand = (operand: Operand): void => {
    reads.add(operand.tensor);
    operand.indices.forEach(read);
  };
  switch (kernel.kind) {
    case 'nest':
      for (const nest of kernel.nests) {
        writes.add(nest.output);
        if (nest.kind === 'store') read(nest.value);
        else [...nest.slot, ...nest.writes.map((write) => write.value)].forEach(read);
      }
      break;
    case 'contract':
      writes.add(kernel.output);
      read(kernel.epilogue);
      for (const product of kernel.products) [product.row, product.column].forEach(readOperand);
      break;
    case 'attend':
      writes.add(kernel.output);
      [kernel.low, kernel.high, kernel.score, ...(kernel.mask ? [kernel.mask] : [])].forEach(read);
      for (const product of kernel.products) [product.row, product.column].forEach(readOperand);
      if (kernel.value.kind === 'rows') readOperand(kernel.value.operand);
      else read(kernel.value.value);
      break;
    default:
      assertNever(kernel);
  }
  return { reads, writes };
}
