/** Renders a nest kernel: rows over threads, the statements of a row as C. */
import type { NestKernel } from '../../ir/kernel.ts';
import type { Program } from '../../ir/program.ts';
import type { Statement } from '../../ir/statement.ts';
import { scheduleNest } from '../../lower/schedule.ts';
import { shareRows } from '../../lower/share-rows.ts';
import { statementsOf } from '../../lower/statements.ts';
import { unswitch } from '../../lower/unswitch.ts';
import { printC } from '../c-expression.ts';
import { printStatements } from '../c-statements.ts';
import { cType, KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import { documentation, type RenderedKernel, signature } from './signature.ts';

const BYTES = { bf16: 2, f16: 2, f32: 4, i32: 4 } as const;
const ALIGNMENT = 64;

export function renderNest(kernel: NestKernel, program: Program, checked: boolean): RenderedKernel {
  const scope = new KernelScope(program, outputNames(program, kernel), checked, kernel.locals);
  const statements = unswitch(scheduleNest(kernel, program));
  const shared = shareRows(statements, kernel.locals, program);
  const inOrder = [
    ...kernel.locals.filter((key) => !shared.has(key)),
    ...kernel.locals.filter((key) => shared.has(key)),
  ];
  const locals = inOrder.map((key) => {
    const value = scope.value(key);
    const elements = value.shape.slice(1).reduce<number>((product, extent) => product * Number(extent), 1);
    const owner = shared.get(key);
    return {
      name: scope.localValue(key),
      type: cType(value.storage),
      allocation:
        owner === undefined ? `worker.scratch<${cType(value.storage)}>(${elements})` : scope.localValue(owner),
      bytes: owner === undefined ? elements * BYTES[value.storage] : 0,
    };
  });
  const rows = printC(kernel.rows, scope);
  const { row, body } = scope.within(kernel.row, (name) => ({
    row: name,
    body: printStatements(statements, scope, '      '),
  }));
  const bufferBytes = buffersOf(statements).map((elements) => elements * 4);
  const sizes = [...locals.map((local) => local.bytes), ...bufferBytes];
  const text = renderTemplate('cpu/nest.cpp.njk', {
    doc: documentation(kernel, scope),
    name: kernel.name,
    signature: signature(scope),
    rows,
    row,
    locals,
    releases: sizes.length > 0,
    body,
  });
  return {
    name: kernel.name,
    text,
    kind: 'nest',
    parameters: scope.parameters,
    counts: scope.counts,
    anchors: kernel.anchors,
    label: kernel.label,
    scratchBytes: sizes.reduce((sum, bytes) => sum + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT, 0),
  };
}

/** Elements of the buffers that statements take, each 4 bytes wide. */
function buffersOf(statements: readonly Statement[]): readonly number[] {
  return statementsOf(statements).flatMap((statement) => {
    if (statement.kind !== 'buffer') return [];
    if (statement.extent.kind !== 'number') throw new Error('a buffer needs a constant extent');
    return [statement.extent.value];
  });
}
