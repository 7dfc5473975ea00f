/** What the form of a product allows on CUDA: tensor cores need 16-bit operands of one type whose rows are aligned. */
import type { Expression } from '../../ir/expression.ts';
import type { Contraction, Operand } from '../../ir/kernel.ts';
import { some } from '../../ir/rewrite.ts';
import type { KernelScope } from '../kernel-scope.ts';

/** Elements of 16 bits that an access of 16 bytes takes. */
const VECTOR = 8;

/** The element type if tensor cores can take both operands, else null. */
export function tensorCoreType({ row, column, depth }: Contraction, scope: KernelScope): 'bf16' | 'f16' | null {
  const { storage } = scope.value(row.tensor);
  if (storage !== 'bf16' && storage !== 'f16') return null;
  if (scope.value(column.tensor).storage !== storage) return null;
  const fits = Number(depth) % VECTOR === 0 && hasAlignedRows(row, scope) && hasAlignedRows(column, scope);
  return fits ? storage : null;
}

/** Whether every row of a 16-bit operand begins at a multiple of 16 bytes, given that the tensor does. */
export function hasAlignedRows({ tensor, field }: Operand, scope: KernelScope): boolean {
  const { paged, shape } = scope.value(tensor);
  if (!paged) return Number(shape.at(-1) ?? 1) % VECTOR === 0;
  const widths = paged.fields.map((candidate) => candidate.shape.at(-1) ?? 1);
  return paged.fields.some((candidate) => candidate.name === field) && widths.every((width) => width % VECTOR === 0);
}

/** Whether the rows of an operand are weights at places that no earlier kernel computes. */
export function isWeight({ tensor, indices }: Operand, scope: KernelScope): boolean {
  const reads = (root: Expression): boolean => some(root, (node) => node.kind === 'load' || node.kind === 'batch');
  return scope.value(tensor).role.kind === 'weight' && !indices.some(reads);
}
