/** Reductions that no kernel can run well: what cannot be lowered well is refused, never run as a scalar loop. */
import type { Diagnostic } from '../ir/diagnostic.ts';
import type { Expression } from '../ir/expression.ts';
import type { AttendKernel, Kernel } from '../ir/kernel.ts';
import type { Program } from '../ir/program.ts';
import { walk } from '../ir/rewrite.ts';
import { lacksBufferSize } from './selection-row.ts';

export function unloweredReductions(kernel: Kernel, program: Program): readonly Diagnostic[] {
  switch (kernel.kind) {
    case 'nest':
      return kernel.nests
        .flatMap((nest) =>
          nest.kind === 'store' ? [nest.value] : [...nest.slot, ...nest.writes.map(({ value }) => value)],
        )
        .flatMap((root) => selectionsIn(root, program));
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

function selectionsIn(root: Expression, program: Program): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  walk(root, (node) => {
    if (node.kind !== 'reduce' || !lacksBufferSize(node, program)) return;
    found.push({
      code: 'selection-without-size',
      message: `this ${node.op} runs over as many values as a step has, and they are computed first`,
      mend: 'Compute the values by an operator of its own whose output is f32, and select from that output.',
      span: node.span,
    });
  });
  return found;
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
