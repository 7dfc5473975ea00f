/** Sums that a product or an attend leaves over: what cannot be lowered well is refused, never run as a scalar loop. */
import type { Diagnostic } from '../ir/diagnostic.ts';
import type { Expression } from '../ir/expression.ts';
import type { AttendKernel, Kernel } from '../ir/kernel.ts';
import { walk } from '../ir/rewrite.ts';

export function unloweredSums(kernel: Kernel): readonly Diagnostic[] {
  switch (kernel.kind) {
    case 'nest':
      return [];
    case 'contract':
      return reductionsIn(
        kernel.epilogue,
        'beside a product of two tensors',
        'Compute it by an operator of its own and pass the result in.',
      );
    case 'attend':
      return [
        ...[kernel.low, kernel.high].flatMap((root) =>
          reductionsIn(
            root,
            'in the range of an attend',
            'Compute the bound by an operator of its own and pass it in as an i32 tensor.',
          ),
        ),
        ...scoreSums(kernel),
      ];
  }
}

function scoreSums(kernel: AttendKernel): readonly Diagnostic[] {
  return [
    kernel.score,
    ...(kernel.mask ? [kernel.mask] : []),
    ...(kernel.value.kind === 'expression' ? [kernel.value.value] : []),
  ].flatMap((root) =>
    reductionsIn(
      root,
      'inside an attend that is not sum(D, d => query(…, d) * key(…, j, …, d))',
      'Write the score as products of a query row with a key row, both indexed by the summation index last.',
    ),
  );
}

function reductionsIn(root: Expression, where: string, mend: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  walk(root, (node) => {
    if (node.kind !== 'reduce') return;
    found.push({ code: 'reduction-not-lowered', message: `this ${node.op} stands ${where}`, mend, span: node.span });
  });
  return found;
}
