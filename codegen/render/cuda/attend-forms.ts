/**
 * The tiles of lib/attend_mma.cuh that a kernel is given: as many queries and keys as registers and shared memory hold, or none
 * where tensor cores cannot take its operands.
 */
import type { AttendKernel } from '../../ir/kernel.ts';
import { constantExtent } from '../cpu/indices.ts';
import type { KernelScope } from '../kernel-scope.ts';
import type { TokenChoice } from './attend-queries.ts';
import { hasAlignedRows, tensorCoreType } from './product.ts';

/** Sizes of an AttendMma, and which tokens it is for. */
export interface AttendForm {
  readonly suffix: string;
  readonly about: string;
  readonly tokens: TokenChoice;
  readonly queries: number;
  readonly keys: number;
  readonly warpRows: number;
  readonly warpKeys: number;
  readonly stages: number;
  readonly threads: number;
  /** Blocks that a multiprocessor is to hold at once: what registers are shared among. */
  readonly residents: number;
  /** Whether keys are cut into parts where there are few blocks. */
  readonly cutsKeys: boolean;
  /** It runs where as many queries a block as the larger form's make LARGE_GRID blocks, or where they make fewer. */
  readonly runs: { readonly largeQueries: number; readonly where: 'large' | 'small' } | null;
}

/** Blocks from which on the larger form is worth it: they pass in two waves. */
export const LARGE_GRID = 512;

/** Dynamic shared memory of a block on every GPU that runs code for sm_80: consumer cards have no more. */
const SHARED_BYTES = 99 * 1024;
/** Registers of a thread that scores, sums and the addresses along a row may take; others are for operands, or they spill. */
const HELD_REGISTERS = 168;

type Sizes = Pick<AttendForm, 'queries' | 'keys' | 'warpRows' | 'warpKeys' | 'stages'>;

/** The most work a byte of shared memory, where there are queries for it. */
const largeSizes: readonly Sizes[] = [{ queries: 128, keys: 32, warpRows: 32, warpKeys: 32, stages: 2 }];
const severalSizes: readonly Sizes[] = [
  { queries: 64, keys: 64, warpRows: 16, warpKeys: 64, stages: 2 },
  { queries: 64, keys: 32, warpRows: 16, warpKeys: 32, stages: 2 },
];
/** A token alone has few queries, so the warps share them and divide the keys. */
const loneSizes: readonly Sizes[] = [
  { queries: 16, keys: 64, warpRows: 16, warpKeys: 16, stages: 2 },
  { queries: 16, keys: 32, warpRows: 16, warpKeys: 16, stages: 2 },
];

/** The forms that together take all queries; null where the general tile is to take them. */
export function tensorCoreForms(kernel: AttendKernel, scope: KernelScope): readonly AttendForm[] | null {
  const { products, sharing, value } = kernel;
  const width = constantExtent({ variable: kernel.key, extent: kernel.width });
  if (products.length === 0 || products.some((product) => tensorCoreType(product, scope) === null)) return null;
  if (value.kind !== 'rows' || width % 8 !== 0 || !hasAlignedRows(value.operand, scope)) return null;
  const { storage } = scope.value(value.operand.tensor);
  if (storage !== 'bf16' && storage !== 'f16') return null;
  const fitting = (all: readonly Sizes[]): Sizes | undefined => all.find((sizes) => fits(kernel, sizes, width));
  const [lone, several, large] = [fitting(loneSizes), fitting(severalSizes), fitting(largeSizes)];
  if (!lone || !several) return null;
  const isSequence = sharing.tokens === 'sequence';
  const rest = { cutsKeys: isSequence, runs: null };
  const alone = formOf(lone, {
    ...rest,
    suffix: isSequence ? '_lone' : '',
    about: isSequence ? 'For tokens that their sequence has alone.' : 'A token a block.',
    tokens: 'lone',
    residents: 3,
  });
  const small = formOf(several, {
    ...rest,
    suffix: '',
    about: 'For several tokens that share their keys.',
    tokens: 'several',
    residents: 2,
    runs: large ? { largeQueries: large.queries, where: 'small' } : null,
  });
  const many = large && {
    ...formOf(large, { ...small, suffix: '_large', about: 'For many blocks of tokens that share their keys.' }),
    cutsKeys: false,
    runs: { largeQueries: large.queries, where: 'large' as const },
  };
  return [
    ...(sharing.tokens === 'all' ? [] : [alone]),
    ...(sharing.tokens === 'none' ? [] : [small, ...(many ? [many] : [])]),
  ];
}

function formOf(sizes: Sizes, form: Omit<AttendForm, keyof Sizes | 'threads'>): AttendForm {
  return { ...form, ...sizes, threads: threadsOf(sizes) };
}

function threadsOf({ queries, keys, warpRows, warpKeys }: Sizes): number {
  return (queries / warpRows) * (keys / warpKeys) * 32;
}

function fits({ products }: AttendKernel, sizes: Sizes, width: number): boolean {
  const depths = products.map(({ depth }) => Number(depth));
  const rowBytes = (rows: number, sum = 0): number =>
    depths.reduce((all, depth) => all + rowTileBytes(rows, depth), sum);
  const stage = rowBytes(sizes.keys, rowTileBytes(sizes.keys, width));
  const shared = Math.max(headBytes(sizes) + rowBytes(sizes.queries) + sizes.stages * stage, foldedBytes(sizes, width));
  const sums = (sizes.warpRows / 16) * (columnsOf(width) / 2 + (products.length * sizes.warpKeys) / 2);
  const held = sums + depths.reduce((all, depth) => all + depth / 16, 0);
  return shared <= SHARED_BYTES && held <= HELD_REGISTERS;
}

/** RowTile::bytes of lib/row_tile.cuh. */
export function rowTileBytes(rows: number, depth: number): number {
  const pieces = Math.ceil(depth / 16) * 2;
  return rows * (pieces % 8 === 0 ? pieces : pieces + 1) * 16;
}

/** AttendMma::head_bytes of lib/attend_mma.cuh. */
export function headBytes(sizes: Sizes): number {
  return sizes.queries * 8 + threadsOf(sizes) * 8;
}

/** AttendMma::folded_bytes of lib/attend_mma.cuh. */
export function foldedBytes({ queries, keys, warpKeys }: Sizes, width: number): number {
  return (keys / warpKeys) * queries * (columnsOf(width) + 8 + 2) * 4;
}

function columnsOf(width: number): number {
  return Math.ceil(width / 16) * 16;
}
