/**
 * Renders a product. On tensor cores, one kernel streams the columns past few rows, others compute tiles for many rows; which
 * of them runs is the host's choice by the number of rows, and the grids of the others are empty then.
 */
import type { ContractKernel } from '../../ir/kernel.ts';
import { indexOf } from '../../ir/make.ts';
import type { Program } from '../../ir/program.ts';
import { nameShared } from '../../lower/share.ts';
import { printStatements } from '../c-statements.ts';
import { dotHoles } from '../cpu/dot.ts';
import { constantExtent, declareIndices, flatExtent } from '../cpu/indices.ts';
import { documentation } from '../cpu/signature.ts';
import { KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import type { CudaKernel } from './cuda-kernel.ts';
import { isWeight, tensorCoreType } from './product.ts';
import { cudaSignature, reserveNames } from './signature.ts';

/** A kind of tile, and the numbers of rows for which it is meant. */
interface TileChoice {
  readonly suffix: string;
  readonly kind: 'stream' | 'mma' | 'fma';
  /** Blocks of a cluster that share the depth of a tile; 1: a block has it all. */
  readonly parts: number;
  readonly about: string;
  /** Of the place `dot` of the products. */
  readonly type: (dot: { readonly rowType: string; readonly columnType: string }) => string;
  readonly rows: number;
  readonly columns: number;
  readonly threads: number;
  /** Blocks that registers are to leave room for on one multiprocessor. */
  readonly residentBlocks: number;
  readonly sharedBytes: number;
  readonly minRows: number;
  readonly maxRows: number | null;
}

/** Rows up to which columns are streamed, and the columns of a block and the depth of a step: those of StreamTile. */
const STREAM_ROWS = 32;
const STREAM_COLUMNS = 16;
const STREAM_DEPTH = 32;
/** Steps that a warp may have under way at once, as far as registers reach; one round is best. */
const MOST_STEPS_AHEAD = 6;
/** Large tiles are worth it from so many blocks on: most of a large GPU's multiprocessors have one then. */
const LARGE_GRID = 96;
/**
 * Stages of a tile of 64 rows and columns: more than its latency asks for, so that a multiprocessor holds two blocks and no more.
 * A kernel that starts while another one drains would else find a few multiprocessors free and crowd its blocks there.
 */
const SPREADING_STAGES = 5;
/** Rows and columns of a tile whose depth blocks share, and the blocks wanted: two for each multiprocessor of a large GPU. */
const SPLIT_TILE = 64;
const SPLIT_GRID = 256;
/** The depth of a step of MmaTile, and steps that a part of a tile's depth has at least. */
const MMA_DEPTH = 64;
const PART_STEPS = 3;
/** Blocks of a cluster that every GPU with clusters runs. */
const MOST_PARTS = 8;
/** Shared tiles by the tiles of rows that they are for. */
const SPLITS: readonly { readonly suffix: string; readonly rowTiles: number }[] = [
  { suffix: '_some', rowTiles: 1 },
  { suffix: '_many', rowTiles: 4 },
];

export function renderCudaContract(kernel: ContractKernel, program: Program, checked: boolean): readonly CudaKernel[] {
  const probe = new KernelScope(program, outputNames(program, kernel), checked, [], 'plain');
  const types = kernel.products.map((product) => tensorCoreType(product, probe));
  const onTensorCores = types.every((type) => type !== null);
  return (onTensorCores ? tensorCoreTiles(kernel) : [fmaTile()]).map((choice) =>
    renderTile(kernel, program, checked, choice),
  );
}

function tensorCoreTiles(kernel: ContractKernel): readonly TileChoice[] {
  const products = kernel.products.length;
  const depth = Math.max(...kernel.products.map((product) => Number(product.depth)));
  const columns = columnsOf(kernel);
  const stream = streamTile(products, depth, columns);
  const hasLarge = products <= 2 && columns >= 128;
  const largeRows = 128 * Math.ceil(LARGE_GRID / Math.ceil(columns / 128));
  const splits = SPLITS.map((split) => ({ ...split, parts: partsOf(split.rowTiles, depth, columns) }));
  const shared = splits.filter(({ parts }) => parts > 1);
  const tiles: TileChoice[] = [stream];
  let rows = STREAM_ROWS;
  for (const { suffix, rowTiles, parts } of shared) {
    tiles.push(splitTile(suffix, rows + 1, SPLIT_TILE * rowTiles, parts));
    rows = SPLIT_TILE * rowTiles;
  }
  tiles.push(mmaTile('', 64, 64, 32, 32, SPREADING_STAGES, rows + 1, hasLarge ? largeRows - 1 : null));
  if (hasLarge) tiles.push(mmaTile('_large', 128, 128, 64, 32, 3, largeRows, null));
  return tiles;
}

/** As many parts as give a large GPU two blocks for each multiprocessor, each with some steps of the depth. */
function partsOf(rowTiles: number, depth: number, columns: number): number {
  const filling = Math.log2(SPLIT_GRID / (rowTiles * Math.ceil(columns / SPLIT_TILE)));
  const reaching = Math.log2(depth / (PART_STEPS * MMA_DEPTH));
  return 2 ** Math.max(0, Math.floor(Math.min(filling, reaching, Math.log2(MOST_PARTS))));
}

/** Warps of a block split the depth, as many as each still has some of it; few blocks have more of them. */
function streamTile(products: number, depth: number, columns: number): TileChoice {
  const blocks = Math.ceil(columns / STREAM_COLUMNS);
  const most = products > 3 ? 2 : products === 3 ? 4 : products === 1 && blocks < LARGE_GRID ? 16 : 8;
  const warps = Math.min(most, 2 ** Math.max(0, Math.floor(Math.log2(depth / 128))));
  const steps = Math.ceil(depth / (STREAM_DEPTH * warps));
  const ahead = products === 1 && steps <= MOST_STEPS_AHEAD ? steps : Math.min(steps, 4);
  return {
    suffix: '_few',
    kind: 'stream',
    parts: 1,
    about: `For at most ${STREAM_ROWS} rows: the columns stream past them.`,
    type: ({ rowType }) => `StreamTile<${rowType}, ${warps}, ${ahead}>`,
    rows: STREAM_ROWS,
    columns: STREAM_COLUMNS,
    threads: warps * 32,
    residentBlocks: products === 1 && warps <= 8 && steps <= 4 ? 3 : 1,
    sharedBytes: products * warps * STREAM_ROWS * STREAM_COLUMNS * 4,
    minRows: 1,
    maxRows: STREAM_ROWS,
  };
}

function mmaTile(
  suffix: string,
  rows: number,
  columns: number,
  warpRows: number,
  warpColumns: number,
  stages: number,
  minRows: number,
  maxRows: number | null,
): TileChoice {
  return {
    suffix,
    kind: 'mma',
    parts: 1,
    about: `For ${minRows} rows and more: tiles of ${rows} rows and ${columns} columns on tensor cores.`,
    type: ({ rowType }) => `MmaTile<${rowType}, ${rows}, ${columns}, ${warpRows}, ${warpColumns}, ${stages}>`,
    rows,
    columns,
    threads: (rows / warpRows) * (columns / warpColumns) * 32,
    residentBlocks: 1,
    sharedBytes: stages * (rows + columns) * 128,
    minRows,
    maxRows,
  };
}

/** A tile as `mmaTile` makes it, for so few rows that blocks have to share its depth. */
function splitTile(suffix: string, minRows: number, maxRows: number, parts: number): TileChoice {
  const stages = 4;
  return {
    ...mmaTile(suffix, SPLIT_TILE, SPLIT_TILE, 32, 32, stages, minRows, maxRows),
    parts,
    about: `For ${minRows} to ${maxRows} rows: blocks of a cluster share the depth of a tile of 64 rows and 64 columns.`,
    type: ({ rowType }) => `SplitTile<${rowType}, ${SPLIT_TILE}, ${SPLIT_TILE}, 32, 32, ${stages}, ${parts}>`,
  };
}

function fmaTile(): TileChoice {
  return {
    suffix: '',
    kind: 'fma',
    parts: 1,
    about: 'Tiles of 64 rows and 64 columns in f32.',
    type: ({ rowType, columnType }) => `FmaTile<${rowType}, ${columnType}>`,
    rows: 64,
    columns: 64,
    threads: 256,
    residentBlocks: 1,
    sharedBytes: 2 * 16 * 68 * 4,
    minRows: 1,
    maxRows: null,
  };
}

function columnsOf(kernel: ContractKernel): number {
  return kernel.axes
    .filter((_, axis) => kernel.roles[axis] === 'column')
    .map(constantExtent)
    .reduce((product, extent) => product * extent, 1);
}

const RESERVED = ['rows', 'place', 'i', 'c', 'element', 'Tile', 'COLUMNS'];

function renderTile(kernel: ContractKernel, program: Program, checked: boolean, choice: TileChoice): CudaKernel {
  const scope = new KernelScope(program, outputNames(program, kernel), checked, [], 'plain');
  reserveNames(scope, RESERVED);
  const byRole = (role: string): typeof kernel.axes => kernel.axes.filter((_, axis) => kernel.roles[axis] === role);
  const [rowAxes, columnAxes, batchAxes] = [byRole('row'), byRole('column'), byRole('batch')];
  const columns = columnsOf(kernel);
  const dots = kernel.products.map((product, place) => {
    const holes = dotHoles(product, scope);
    return {
      ...holes,
      tile: choice.type(holes),
      tileType: scope.names.fresh(`Tile${place}`),
      sums: scope.names.fresh(`${holes.name}_sums`),
      prefetchesLate: choice.kind === 'mma' && place > 0,
      shared: place === 0 ? 'shared' : `shared + ${place} * Tile::shared_bytes`,
    };
  });
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
  const rows = flatExtent(rowAxes, scope);
  const batches = flatExtent(batchAxes, scope);
  const name = `${kernel.name}${choice.suffix}`;
  const holes = {
    name,
    about: choice.about,
    columns,
    rows,
    unit: choice.parts > 1 ? `BlocksOfUnit<${choice.parts}>::unit()` : 'blockIdx.x',
    dots,
    streams: choice.kind === 'stream',
    threads: choice.threads,
    residentBlocks: choice.residentBlocks,
    columnsAreWeights: kernel.products.every((product) => isWeight(product.column, scope)),
    prefetch: prefetch(choice, dots),
    batchIndices: batchAxes.length > 0 ? `${declareIndices(batchAxes, 'place.batch', scope, '  ')}\n` : '',
    columnIndices: declareIndices(columnAxes, 'place.column_begin + i', scope, '    '),
    rowIndices: declareIndices(rowAxes, 'place.row_begin + i', scope, '    '),
    epilogueIndices: declareIndices(columnAxes, 'place.column_begin + c', scope, '    '),
    epilogue: printStatements(store, scope, '    '),
  };
  const text = renderTemplate('cuda/contract.cu.njk', {
    ...holes,
    doc: documentation(kernel, scope),
    ...cudaSignature(scope, false),
  });
  return {
    name,
    text,
    kind: 'contract',
    parameters: scope.parameters,
    counts: scope.counts,
    anchors: kernel.anchors,
    label: kernel.label,
    scratchBytes: 0,
    launch: {
      block: choice.threads,
      grid: grid(choice, rows, `${Math.ceil(columns / choice.columns)}${batches === '1' ? '' : ` * (${batches})`}`),
      sharedBytes: choice.sharedBytes,
      ...(choice.parts > 1 ? { cluster: { blocks: choice.parts, threads: choice.threads } } : {}),
    },
  };
}

/** Only where the first product's columns can be on their way before the rows are known. */
function prefetch(
  choice: TileChoice,
  dots: readonly { readonly tileType: string; readonly columnRows: string; readonly depth: string }[],
): string {
  const [first] = dots;
  switch (choice.kind) {
    case 'stream':
      return dots.map(({ columnRows, depth }) => `  ${columnRows}.prefetch(${depth});\n`).join('');
    case 'mma':
      return first ? `  Tile::prefetch(shared, ${first.columnRows}, ${first.depth});\n` : '';
    case 'fma':
      return '';
  }
}

function grid({ rows: tileRows, minRows, maxRows }: TileChoice, rows: string, perRowTile: string): string {
  const blocks = `(${rows} + ${tileRows - 1}) / ${tileRows} * ${perRowTile}`;
  const conditions = [
    ...(minRows > 1 ? [`${rows} >= ${minRows}`] : []),
    ...(maxRows === null ? [] : [`${rows} <= ${maxRows}`]),
  ];
  return conditions.length === 0 ? blocks : `${conditions.join(' && ')} ? ${blocks} : 0`;
}
