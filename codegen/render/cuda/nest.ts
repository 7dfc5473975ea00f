/**
 * Renders a nest kernel: a block of threads a row, a warp where rows are short, a cluster of blocks where they are long. Values
 * that live in one row only lie in shared memory, and where they do not fit, in the kernel's workspace.
 */
import type { NestKernel } from '../../ir/kernel.ts';
import type { Program } from '../../ir/program.ts';
import type { Statement } from '../../ir/statement.ts';
import { fuseLoops } from '../../lower/fuse-loops.ts';
import { scheduleNest } from '../../lower/schedule.ts';
import { printC } from '../c-expression.ts';
import { documentation } from '../cpu/signature.ts';
import { cType, KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import type { CudaKernel } from './cuda-kernel.ts';
import { printForGroup } from './group-statements.ts';
import { groupFor, ROWS_OF_WARPS } from './row-group.ts';
import { cudaSignature, reserveNames } from './signature.ts';

const BYTES = { bf16: 2, f16: 2, f32: 4, i32: 4 } as const;
const ALIGNMENT = 16;
/** Shared memory that every GPU since Volta gives a block without asking. */
const SHARED_LIMIT = 48 * 1024;
export function renderCudaNest(kernel: NestKernel, program: Program, checked: boolean): CudaKernel {
  const scope = new KernelScope(program, outputNames(program, kernel), checked, kernel.locals, 'plain');
  reserveNames(scope, ['row_memory', 'row_workspace', 'element']);
  const statements = fuseLoops(scheduleNest(kernel, program), program);
  const shape = groupFor(statements, kernel.name);
  const { group, threads } = shape;
  const memory = new RowMemory(group === 'warp' ? ROWS_OF_WARPS : 1, shape.exchangeBytes);
  const locals = kernel.locals.map((key) => {
    const value = scope.value(key);
    const size = value.shape.slice(1).reduce<number>((product, extent) => product * Number(extent), 1);
    const type = cType(value.storage);
    return { name: scope.localValue(key), type, place: memory.take(size * BYTES[value.storage], type) };
  });
  const buffers = new Map(
    buffersOf(statements).map(({ name, element, size }) => [
      name,
      memory.take(size * 4, element === 'f32' ? 'float' : 'int32_t'),
    ]),
  );
  const rows = printC(kernel.rows, scope);
  const { row, body } = scope.within(kernel.row, (name) => ({
    row: name,
    body: printForGroup(
      statements,
      {
        scope,
        group,
        lanes: shape.lanes,
        isFixed: shape.isFixed,
        place: (buffer) => {
          const place = buffers.get(buffer);
          if (place === undefined) throw new Error(`buffer ${buffer} has no memory`);
          return place;
        },
      },
      '  ',
    ),
  }));
  const hasWorkspace = memory.workspaceBytes > 0;
  const signature = cudaSignature(scope, hasWorkspace);
  const text = renderTemplate('cuda/nest.cu.njk', {
    doc: documentation(kernel, scope),
    name: kernel.name,
    ...shape,
    rowsPerBlock: group === 'warp' ? ROWS_OF_WARPS : 1,
    rows,
    row,
    usesWarps: group !== 'warp' && /\bwarp\./.test(body),
    locals,
    body,
    sharedBytes: memory.sharedBytes,
    workspaceBytes: memory.workspaceBytes,
    ...signature,
  });
  return {
    name: kernel.name,
    text,
    kind: 'nest',
    parameters: scope.parameters,
    counts: scope.counts,
    anchors: kernel.anchors,
    label: kernel.label,
    scratchBytes: 0,
    launch: {
      block: threads,
      grid: group === 'warp' ? `(${rows} + ${ROWS_OF_WARPS - 1}) / ${ROWS_OF_WARPS}` : rows,
      sharedBytes: memory.totalSharedBytes,
      ...(shape.cluster ? { cluster: shape.cluster } : {}),
      ...(hasWorkspace ? { workspaceBytes: `int64_t(${rows}) * ${memory.workspaceBytes}` } : {}),
    },
  };
}

/** Places for what a row keeps: shared memory as long as there is some, then the workspace. */
class RowMemory {
  readonly #rowsPerBlock: number;
  readonly #exchangeBytes: number;
  sharedBytes = 0;
  workspaceBytes = 0;

  constructor(rowsPerBlock: number, exchangeBytes: number) {
    this.#rowsPerBlock = rowsPerBlock;
    this.#exchangeBytes = exchangeBytes;
  }

  get totalSharedBytes(): number {
    return this.#exchangeBytes + this.#rowsPerBlock * this.sharedBytes;
  }

  take(sizeBytes: number, type: string): string {
    const bytes = Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT;
    const fits = this.totalSharedBytes + this.#rowsPerBlock * bytes <= SHARED_LIMIT;
    const offset = fits ? this.sharedBytes : this.workspaceBytes;
    if (fits) this.sharedBytes += bytes;
    else this.workspaceBytes += bytes;
    return `reinterpret_cast<${type}*>(${fits ? 'row_memory' : 'row_workspace'} + ${offset})`;
  }
}

function buffersOf(
  statements: readonly Statement[],
): readonly { readonly name: string; readonly element: 'f32' | 'i32'; readonly size: number }[] {
  return statements.flatMap((statement) => {
    if (statement.kind === 'loop' || statement.kind === 'if') return buffersOf(statement.body);
    if (statement.kind !== 'buffer') return [];
    if (statement.extent.kind !== 'number') throw new Error('a buffer needs a constant extent');
    return [{ name: statement.name, element: statement.element, size: statement.extent.value }];
  });
}
