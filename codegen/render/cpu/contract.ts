/** Renders a product: blocks of columns over threads, blocks of rows inside, the epilogue on each tile. */
import type { ContractKernel } from '../../ir/kernel.ts';
import { indexOf } from '../../ir/make.ts';
import type { Program } from '../../ir/program.ts';
import { nameShared } from '../../lower/share.ts';
import { printStatements } from '../c-statements.ts';
import { KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import { dotHoles } from './dot.ts';
import { constantExtent, declareIndices, flatExtent } from './indices.ts';
import { documentation, type RenderedKernel, signature } from './signature.ts';

/** Rows of x that a tile holds, and elements of one of few rows, as `DotBlocking` of the library has them at most. */
const ROW_BLOCK = 192;
const FEW_TILE = 8 * 256;

export function renderContract(kernel: ContractKernel, program: Program, checked: boolean): RenderedKernel {
  const scope = new KernelScope(program, outputNames(program, kernel), checked);
  for (const name of [
    'rows',
    'unit',
    'i',
    'c',
    'row_begin',
    'row_count',
    'column_block',
    'column_blocks',
    'column_begin',
    'column_count',
  ])
    scope.names.fresh(name);
  const byRole = (role: string): typeof kernel.axes => kernel.axes.filter((_, axis) => kernel.roles[axis] === role);
  const [rowAxes, columnAxes, batchAxes] = [byRole('row'), byRole('column'), byRole('batch')];
  const columns = columnAxes.map(constantExtent).reduce((product, extent) => product * extent, 1);
  const columnBlock = columnBlockOf(columns);
  const dots = kernel.products.map((product) => dotHoles(product, scope));
  const { span } = kernel.epilogue;
  const store = nameShared(
    [
      {
        kind: 'store',
        target: {
          tensor: kernel.output,
          field: null,
          indices: kernel.axes.map((axis) => indexOf(axis.variable, span)),
        },
        value: kernel.epilogue,
      },
    ],
    scope.names,
  );
  const batchCount = flatExtent(batchAxes, scope);
  const holes = {
    name: kernel.name,
    columns,
    columnBlock,
    rows: flatExtent(rowAxes, scope),
    dots,
    blocking: `DotBlocking<${dots[0]?.rowType}, ${dots[0]?.columnType}>`,
    units: batchAxes.length > 0 ? `int64_t(column_blocks) * (${batchCount})` : 'column_blocks',
    columnUnit: batchAxes.length > 0 ? 'int(unit % column_blocks)' : 'int(unit)',
    batchIndices:
      batchAxes.length > 0 ? `${declareIndices(batchAxes, 'int(unit / column_blocks)', scope, '    ')}\n` : '',
    columnIndices: declareIndices(columnAxes, 'column_begin + i', scope, '      '),
    rowIndices: declareIndices(rowAxes, 'row_begin + i', scope, '        '),
    epilogueIndices: declareIndices(columnAxes, 'column_begin + c', scope, '          '),
    epilogue: printStatements(store, scope, '          '),
  };
  const text = renderTemplate('cpu/contract.cpp.njk', {
    ...holes,
    doc: documentation(kernel, scope),
    signature: signature(scope),
  });
  return {
    name: kernel.name,
    text,
    kind: 'contract',
    parameters: scope.parameters,
    counts: scope.counts,
    anchors: kernel.anchors,
    label: kernel.label,
    scratchBytes: dots.length * Math.max(ROW_BLOCK * columnBlock, FEW_TILE) * 4,
  };
}

/** Columns that many rows meet at a time: fewer where there are few, so that every thread gets a share of the same size. */
function columnBlockOf(columns: number): number {
  if (columns >= 4096) return 64;
  return columns >= 512 ? 32 : 16;
}
