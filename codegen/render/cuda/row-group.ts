/**
 * Which threads share a row: a warp where rows are short, a block, or a cluster of blocks where they are long. It follows from the
 * row's statements alone, so that the order of a sum is one for all batches.
 */
import type { Statement } from '../../ir/statement.ts';
import { statementsOf } from '../../lower/statements.ts';
import type { CudaLaunch } from './cuda-kernel.ts';
import type { GroupContext } from './group-statements.ts';

/** Rows with at most so many elements are a warp's, several to a block. */
const WARP_ELEMENTS = 64;
export const ROWS_OF_WARPS = 4;
/** What a thread of a block takes of a row. */
const ELEMENTS_PER_THREAD = 8;
const WARP = 32;
const MOST_THREADS = 1024;
/** Rows with at least so many elements are a cluster's: beyond it a block alone would go around several times. */
const CLUSTER_ELEMENTS = 2 * MOST_THREADS * ELEMENTS_PER_THREAD;
const MOST_CLUSTER_BLOCKS = 16;
/** Of each block of a cluster, several of which one multiprocessor holds. */
const CLUSTER_THREADS = 512;

/** The threads that work on a row together, and what the template is told of them. */
export interface RowGroup {
  readonly group: GroupContext['group'];
  readonly about: string;
  readonly groupType: string;
  /** The type, or the alias that stands for it. */
  readonly groupName: string;
  readonly longRow: boolean;
  /** Of a block, without clusters. */
  readonly threads: number;
  /** Threads as the kernel declares them, and blocks that registers are to leave room for. */
  readonly bound: string;
  readonly residentBlocks: string;
  /** Threads of the whole group, and whether there are as many on every GPU. */
  readonly lanes: number;
  readonly isFixed: boolean;
  readonly exchangeBytes: number;
  readonly cluster: CudaLaunch['cluster'] | null;
}

/** Of `kernelName`, for the row of a nest kernel. */
export function groupFor(statements: readonly Statement[], kernelName: string): RowGroup {
  const widest = Math.max(1, ...statements.map(elementsOf));
  const elements = Math.max(widest, ELEMENTS_PER_THREAD * WARP * warpsWanted(statements));
  const selections = statementsOf(statements).filter((statement) => statement.kind === 'selectRow');
  if (elements <= WARP_ELEMENTS && selections.length === 0) {
    const threads = ROWS_OF_WARPS * WARP;
    return {
      group: 'warp',
      about: 'a warp',
      groupType: 'Warp',
      groupName: 'Warp',
      longRow: false,
      threads,
      bound: String(threads),
      residentBlocks: '1',
      lanes: WARP,
      isFixed: true,
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
      residentBlocks: '1',
      lanes: threads,
      isFixed: true,
      exchangeBytes: exchangeBytes(threads, 0),
      cluster: null,
    };
  }
  // Its search has 16 sums of doubles in registers, which are too many beside a second block.
  const sumsDigits = selections.some(({ op }) => op === 'massThreshold');
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
    residentBlocks: sumsDigits ? '1' : `${MOST_THREADS} / ${groupName}::threads`,
    lanes: blocks * CLUSTER_THREADS,
    isFixed: false,
    exchangeBytes: Math.max(exchangeBytes(threads, 0), exchangeBytes(CLUSTER_THREADS, blocks)),
    cluster: { blocks, threads: CLUSTER_THREADS },
  };
}

/** Block<threads>::exchange_bytes of lib/block.cuh, or that of a cluster of `blocks`; a warp exchanges by shuffles. */
function exchangeBytes(threads: number, blocks: number): number {
  return (threads / WARP + blocks) * 16 * 8;
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
    .reduce((sum, extent) => Math.min(MOST_THREADS / WARP, sum + extent), 0);
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
