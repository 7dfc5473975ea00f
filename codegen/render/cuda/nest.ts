/**
 * Renders a nest kernel: a block of threads a row, a warp where rows are short, a cluster of blocks where they are long. Values
 * that live in one row only lie in shared memory, and where they do not fit, in the kernel's workspace.
 */
import type { NestKernel } from '../../ir/kernel.ts';
import type { Program } from '../../ir/program.ts';
import type { Statement } from '../../ir/statement.ts';
import { fuseLoops } from '../../lower/fuse-loops.ts';
import { scheduleNest } from '../../lower/schedule.ts';
import { statementsOf } from '../../lower/statements.ts';
import { printC } from '../c-expression.ts';
import { documentation } from '../cpu/signature.ts';
import { cType, KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import type { CudaKernel, CudaLaunch } from './cuda-kernel.ts';
import { type GroupContext, printForGroup } from './group-statements.ts';
import { cudaSignature, reserveNames } from './signature.ts';

const BYTES = { bf16: 2, f16: 2, f32: 4, i32: 4 } as const;
const ALIGNMENT = 16;
/** Shared memory that every GPU since Volta gives a block without asking. */
const SHARED_LIMIT = 48 * 1024;
/** Rows with at most so many elements are a warp's, several to a block. */
const WARP_ELEMENTS = 64;
const ROWS_OF_WARPS = 4;
/** What a thread of a block takes of a row. */
const ELEMENTS_PER_THREAD = 8;
const MOST_THREADS = 1024;
/** Rows with at least so many elements are a cluster's: beyond it a block alone would go around several times. */
const CLUSTER_ELEMENTS = 2 * MOST_THREADS * ELEMENTS_PER_THREAD;
const MOST_CLUSTER_BLOCKS = 16;
/** Of each block of a cluster, several of which one multiprocessor holds. */
const CLUSTER_THREADS = 512;

export function renderCudaNest(kernel: NestKernel, program: Program, checked: boolean): CudaKernel {
  const scope = new KernelScope(program, outputNames(program, kernel), checked, kernel.locals, 'plain');
  reserveNames(scope, ['row_memory', 'row_workspace', 'element']);
  const statements = fuseLoops(scheduleNest(kernel, program), program);
  const elements = Math.max(1, ...statements.map(elementsOf));
  const shape = groupFor(
    Math.max(elements, ELEMENTS_PER_THREAD * 32 * warpsWanted(statements)),
    selects(statements),
    kernel.name,
  );
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
        lanes: shape.cluster ? shape.cluster.blocks * shape.cluster.threads : group === 'warp' ? 32 : threads,
        isFixed: shape.cluster === null,
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

/** The threads that work on a row together, and what the template is told of them. */
interface RowGroup {
  readonly group: GroupContext['group'];
  readonly about: string;
  readonly groupType: string;
  /** The type, or the alias that stands for it. */
  readonly groupName: string;
  readonly longRow: boolean;
  /** Of a block, without clusters. */
  readonly threads: number;
  /** Threads as the kernel declares them. */
  readonly bound: string;
  readonly exchangeBytes: number;
  readonly cluster: CudaLaunch['cluster'] | null;
}

/** By the row's elements alone, so that the order of its sums is one for all batches. */
function groupFor(elements: number, selects: boolean, kernelName: string): RowGroup {
  if (elements <= WARP_ELEMENTS && !selects) {
    const threads = ROWS_OF_WARPS * 32;
    return {
      group: 'warp',
      about: 'a warp',
      groupType: 'Warp',
      groupName: 'Warp',
      longRow: false,
      threads,
      bound: String(threads),
      exchangeBytes: 0,
      cluster: null,
    };
  }
  const threads = threadsFor(elements);
  if (elements < CLUSTER_ELEMENTS) {
    return {
      group: 'block',
      about: 'a block',
      groupType: `Block<${threads}>`,
      groupName: `Block<${threads}>`,
      longRow: false,
      threads,
      bound: String(threads),
      exchangeBytes: exchangeBytes(threads, 0),
      cluster: null,
    };
  }
  const wanted = elements / (CLUSTER_THREADS * ELEMENTS_PER_THREAD);
  const blocks = wanted >= MOST_CLUSTER_BLOCKS ? MOST_CLUSTER_BLOCKS : 2 ** Math.floor(Math.log2(wanted));
  const groupName = `${kernelName}_group`;
  return {
    group: 'group',
    about: 'a cluster of blocks, or a block where there are none',
    groupType: `LongRow<${blocks}, ${CLUSTER_THREADS}, ${threads}>`,
    groupName,
    longRow: true,
    threads,
    bound: `${groupName}::threads`,
    exchangeBytes: Math.max(exchangeBytes(threads, 0), exchangeBytes(CLUSTER_THREADS, blocks)),
    cluster: { blocks, threads: CLUSTER_THREADS },
  };
}

/** Block<threads>::exchange_bytes of lib/block.cuh, or that of a cluster of `blocks`; a warp exchanges by shuffles. */
function exchangeBytes(threads: number, blocks: number): number {
  return (threads / 32 + blocks) * 16 * 8;
}

function threadsFor(elements: number): number {
  const wanted = 2 ** Math.ceil(Math.log2(elements / ELEMENTS_PER_THREAD));
  return Math.min(MOST_THREADS, Math.max(64, wanted));
}

/** Warps that take the iterations of all loops around loops at once, as far as there may be so many. */
function warpsWanted(statements: readonly Statement[]): number {
  return statementsOf(statements)
    .filter(
      (statement) => statement.kind === 'loop' && !statement.simd && statement.body.some(({ kind }) => kind === 'loop'),
    )
    .map((statement) => (statement.kind === 'loop' ? extentOf(statement) : 0))
    .reduce((sum, extent) => Math.min(MOST_THREADS / 32, sum + extent), 0);
}

/** Iterations of a statement's innermost loops; a loop whose extent is a count has many. */
function elementsOf(statement: Statement): number {
  if (statement.kind === 'selectRow')
    return statement.extent.kind === 'number' ? statement.extent.value : Number.MAX_SAFE_INTEGER;
  if (statement.kind === 'if') return Math.max(1, ...statement.body.map(elementsOf));
  if (statement.kind !== 'loop') return 1;
  return extentOf(statement) * Math.max(1, ...statement.body.map(elementsOf));
}

function extentOf({ low, high }: Extract<Statement, { kind: 'loop' }>): number {
  return low.kind === 'number' && high.kind === 'number' ? high.value - low.value : Number.MAX_SAFE_INTEGER;
}

function selects(statements: readonly Statement[]): boolean {
  return statements.some(
    (statement) =>
      statement.kind === 'selectRow' ||
      ((statement.kind === 'loop' || statement.kind === 'if') && selects(statement.body)),
  );
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
