/** Kernels as stable text: what was fused, and each class's own fields. */
import { assertNever } from './assert-never.ts';
import type { Axis, Contraction, Kernel, Nest, Operand } from './kernel.ts';
import { printExpression } from './print-expression.ts';

export function printKernels(kernels: readonly Kernel[]): string {
  return kernels.map(printKernel).join('\n');
}

function printKernel(kernel: Kernel): string {
  const head = `${kernel.kind} ${kernel.name}${kernel.label ? ` (${kernel.label})` : ''}`;
  return `${[head, ...body(kernel).map((line) => `  ${line}`)].join('\n')}\n`;
}

function body(kernel: Kernel): readonly string[] {
  switch (kernel.kind) {
    case 'nest':
      return [
        `rows ${kernel.row.name} < ${printExpression(kernel.rows)}`,
        ...kernel.nests.flatMap(printNest),
        ...(kernel.locals.length > 0 ? [`in the thread ${kernel.locals.join(', ')}`] : []),
      ];
    case 'contract':
      return [
        `${kernel.output}[${axes(kernel.axes)}] by ${kernel.roles.join(', ')}`,
        ...kernel.products.map(printProduct),
        `epilogue ${printExpression(kernel.epilogue)}`,
      ];
    case 'attend':
      return [
        `${kernel.output}[${axes(kernel.axes)}, ${printExpression(kernel.width)}]`,
        `keys ${kernel.key.name} in [${printExpression(kernel.low)}, ${printExpression(kernel.high)})`,
        ...kernel.products.map(printProduct),
        `score ${printExpression(kernel.score)}`,
        ...(kernel.mask ? [`mask ${printExpression(kernel.mask)}`] : []),
        kernel.value.kind === 'rows'
          ? `value ${operand(kernel.value.operand)}`
          : `value ${printExpression(kernel.value.value)}`,
        `shared by tokens: ${kernel.sharing.tokens}, heads: ${kernel.sharing.heads || 'all'}`,
      ];
    default:
      return assertNever(kernel);
  }
}

function printNest(nest: Nest): readonly string[] {
  if (nest.kind === 'store')
    return [
      `${nest.anchor}: ${nest.output}[${nest.row.name}${nest.axes.length > 0 ? `, ${axes(nest.axes)}` : ''}] = ${printExpression(nest.value)}`,
    ];
  return nest.writes.map(
    (write) =>
      `${nest.anchor}: ${nest.output}${write.field === null ? '' : `.${write.field}`}[${nest.slot.map((slot) => printExpression(slot)).join(', ')}${write.axes.length > 0 ? `; ${axes(write.axes)}` : ''}] = ${printExpression(write.value)}`,
  );
}

function printProduct(product: Contraction): string {
  return `${product.accumulator} = sum over ${product.depth} of ${operand(product.row)} * ${operand(product.column)}`;
}

function operand(rows: Operand): string {
  return `${rows.tensor}${rows.field === null ? '' : `.${rows.field}`}[${[...rows.indices.map((index) => printExpression(index)), '*'].join(', ')}]`;
}

function axes(list: readonly Axis[]): string {
  return list.map((axis) => `${axis.variable.name} < ${printExpression(axis.extent)}`).join(', ');
}
