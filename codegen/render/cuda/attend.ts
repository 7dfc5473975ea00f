/**
 * Renders an attend: blocks of queries that share their keys, softmax online over blocks of keys. On tensor cores where the
 * form allows it, else on the CUDA cores.
 */
import type { AttendKernel } from '../../ir/kernel.ts';
import { indexOf } from '../../ir/make.ts';
import type { Program } from '../../ir/program.ts';
import { rowPointer } from '../address.ts';
import { printC } from '../c-expression.ts';
import { printStore } from '../c-statements.ts';
import { dotHoles } from '../cpu/dot.ts';
import { constantExtent } from '../cpu/indices.ts';
import { documentation } from '../cpu/signature.ts';
import { KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import { tensorCoreForms } from './attend-forms.ts';
import { renderAttendForm } from './attend-mma.ts';
import { queryBlocks } from './attend-queries.ts';
import type { CudaKernel } from './cuda-kernel.ts';
import { cudaSignature, reserveNames } from './signature.ts';

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

export function renderCudaAttend(kernel: AttendKernel, program: Program, checked: boolean): readonly CudaKernel[] {
  const forms = tensorCoreForms(kernel, new KernelScope(program, outputNames(program, kernel), checked, [], 'plain'));
  if (forms === null) return [renderGeneralAttend(kernel, program, checked)];
  return forms.flatMap((form) => renderAttendForm(kernel, program, checked, form));
}

function renderGeneralAttend(kernel: AttendKernel, program: Program, checked: boolean): CudaKernel {
  const scope = new KernelScope(program, outputNames(program, kernel), checked, [], 'plain');
  reserveNames(scope, RESERVED);
  scope.names.of('local c', 'c');
  const blocks = queryBlocks(kernel, scope, QUERIES, 'any', 'unit');
  const { heads, groups, tokens, indices } = blocks;
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
    about: `Softmax online over blocks of ${KEYS} keys, for a block of ${blocks.description}.`,
    heads,
    groups,
    tokens,
    width,
    dots,
    scoreTile: dots[0]?.tileType ?? 'FmaTile<float, float>',
    block: blocks.block,
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
      grid: `${blocks.count} * ${groups}`,
      sharedBytes: STAGING_BYTES + 4 * (QUERIES * (KEYS + 4) + VALUE_KEYS * width + 5 * QUERIES),
    },
  };
}
