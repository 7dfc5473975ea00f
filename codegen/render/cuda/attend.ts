/** Renders an attend: blocks of queries that share their keys, softmax online over blocks of keys. */
import type { AttendKernel } from '../../ir/kernel.ts';
import { indexOf } from '../../ir/make.ts';
import type { Program } from '../../ir/program.ts';
import { rowPointer } from '../address.ts';
import { printC } from '../c-expression.ts';
import { printStore } from '../c-statements.ts';
import { dotHoles } from '../cpu/dot.ts';
import { constantExtent, declareIndices, flatExtent } from '../cpu/indices.ts';
import { documentation } from '../cpu/signature.ts';
import { KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import type { CudaKernel } from './cuda-kernel.ts';
import { cudaSignature, reserveNames } from './signature.ts';

/** TOKEN_BLOCK of lib/batch.cuh. */
const TOKEN_BLOCK = 16;
/** Queries and keys of AttendTile, and its threads. */
const QUERIES = 64;
const KEYS = 64;
const THREADS = 256;
const VALUE_KEYS = 16;
const STAGING_BYTES = 2 * 16 * 68 * 4;

const RESERVED = [
  'group',
  'whole',
  'skipped',
  'tokens',
  'queries',
  'tile',
  'keys',
  'sums',
  'score',
  'values',
  'mean',
  'i',
  'key_begin',
  'key_count',
  'Tile',
  'HEADS',
  'GROUPS',
  'TOKENS',
  'WIDTH',
];

export function renderCudaAttend(kernel: AttendKernel, program: Program, checked: boolean): CudaKernel {
  const scope = new KernelScope(program, outputNames(program, kernel), checked, [], 'plain');
  reserveNames(scope, RESERVED);
  scope.names.of('local c', 'c');
  const [tokenAxis, ...others] = kernel.axes;
  if (!tokenAxis) throw new Error('an attend has a query axis');
  const heads = headsOfBlock(kernel);
  const groups = others.map(constantExtent).reduce((product, extent) => product * extent, 1) / heads;
  const tokens =
    kernel.sharing.tokens === 'none' ? 1 : Math.min(TOKEN_BLOCK, 2 ** Math.floor(Math.log2(QUERIES / heads)));
  const token = scope.index(tokenAxis.variable);
  const indices = (query: string, indent: string): string =>
    [
      `${indent}const int ${token} = tokens.first${query === '' ? '' : ` + ${query} / HEADS`};`,
      ...(others.length === 0 ? [] : [declareIndices(others, headPlace(others.length, query), scope, indent)]),
    ].join('\n');
  const rows = flatExtent([tokenAxis], scope);
  const dots = kernel.products.map((product, place) => {
    const holes = dotHoles(product, scope);
    return {
      ...holes,
      tile: `FmaTile<${holes.rowType}, ${holes.columnType}>`,
      tileType: scope.names.fresh(`Tile${place}`),
      sums: scope.names.fresh(`${holes.name}_sums`),
    };
  });
  const { value } = kernel;
  const width = constantExtent({ variable: kernel.key, extent: kernel.width });
  const { span } = kernel.score;
  const outputIndices = [
    ...kernel.axes.map((axis) => indexOf(axis.variable, span)),
    { kind: 'local', type: 'i32', name: 'c', span } as const,
  ];
  const score = printC(kernel.score, scope);
  const holes = {
    name: kernel.name,
    about: `Softmax online over blocks of ${KEYS} keys, for a block of ${describe(kernel, tokens, heads)}.`,
    heads,
    groups,
    tokens,
    width,
    dots,
    scoreTile: dots[0]?.tileType ?? 'FmaTile<float, float>',
    block: blockOf(kernel, rows, tokens),
    queryIndices: indices('i', '    '),
    innerQueryIndices: indices('i', '        '),
    sharedIndices: indices('', '        '),
    valueIndices: indices('', '      '),
    key: scope.index(kernel.key),
    low: printC(kernel.low, scope),
    high: printC(kernel.high, scope),
    maskedScore: kernel.mask ? `if (${printC(kernel.mask, scope)}) score = ${score};` : `score = ${score};`,
    valueTile: value.kind === 'expression',
    valueIndex: value.kind === 'expression' ? scope.index(value.index) : '',
    valuePointer: value.kind === 'rows' ? rowPointer(value.operand, value.operand.indices, scope) : '',
    valueExpression: value.kind === 'expression' ? printC(value.value, scope) : '',
    store: printStore({ tensor: kernel.output, field: null, indices: outputIndices }, 'mean', scope),
  };
  const text = renderTemplate('cuda/attend.cu.njk', {
    ...holes,
    doc: documentation(kernel, scope),
    ...cudaSignature(scope, false),
  });
  return {
    name: kernel.name,
    text,
    kind: 'attend',
    parameters: scope.parameters,
    counts: scope.counts,
    anchors: kernel.anchors,
    label: kernel.label,
    scratchBytes: 0,
    launch: {
      block: THREADS,
      grid: `${blockCount(kernel, rows, tokens)} * ${groups}`,
      sharedBytes: STAGING_BYTES + 4 * (QUERIES * (KEYS + 4) + VALUE_KEYS * width + 5 * QUERIES),
    },
  };
}

/** Heads that share their keys, or as many of them as a block has room for. */
function headsOfBlock(kernel: AttendKernel): number {
  const [, headAxis] = kernel.axes;
  if (!headAxis) return 1;
  const shared = kernel.sharing.heads === 0 ? constantExtent(headAxis) : kernel.sharing.heads;
  let heads = Math.min(shared, QUERIES);
  while (shared % heads !== 0) heads--;
  return heads;
}

/** The flat place on the axes behind the token's: of a query, or of the first of the block. */
function headPlace(axes: number, query: string): string {
  if (axes > 1) return 'group';
  return query === '' ? 'group * HEADS' : `group * HEADS + ${query} % HEADS`;
}

function describe(kernel: AttendKernel, tokens: number, heads: number): string {
  const what = { sequence: `up to ${tokens} tokens of a sequence`, all: `${tokens} tokens`, none: 'one token' }[
    kernel.sharing.tokens
  ];
  return heads === 1 ? what : `${what} and ${heads} heads`;
}

function blockCount(kernel: AttendKernel, rows: string, tokens: number): string {
  switch (kernel.sharing.tokens) {
    case 'sequence':
      return tokens === TOKEN_BLOCK ? 'batch.token_block_count' : `batch.token_block_count * ${TOKEN_BLOCK / tokens}`;
    case 'all':
      return `(${rows} + ${tokens - 1}) / ${tokens}`;
    case 'none':
      return rows;
  }
}

function blockOf(kernel: AttendKernel, rows: string, tokens: number): string {
  const parts = TOKEN_BLOCK / tokens;
  switch (kernel.sharing.tokens) {
    case 'sequence':
      return [
        `  const TokenBlock whole = batch.token_blocks[unit / GROUPS${parts === 1 ? '' : ` / ${parts}`}];`,
        parts === 1
          ? '  const TokenBlock tokens = whole;'
          : `  const int skipped = unit / GROUPS % ${parts} * TOKENS;\n  const TokenBlock tokens{whole.first + skipped, min(TOKENS, whole.count - skipped)};`,
      ].join('\n');
    case 'all':
      return `  const TokenBlock tokens{unit / GROUPS * TOKENS, min(TOKENS, ${rows} - unit / GROUPS * TOKENS)};`;
    case 'none':
      return '  const TokenBlock tokens{unit / GROUPS, 1};';
  }
}
