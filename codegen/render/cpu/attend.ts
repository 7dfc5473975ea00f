/** Renders an attend: blocks of queries that share their keys over threads, softmax online over blocks of keys. */
import type { AttendKernel } from '../../ir/kernel.ts';
import { indexOf } from '../../ir/make.ts';
import type { Program } from '../../ir/program.ts';
import { rowPointer } from '../address.ts';
import { printC, printOperand } from '../c-expression.ts';
import { printStore } from '../c-statements.ts';
import { cType, KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import { dotHoles } from './dot.ts';
import { constantExtent, declareIndices, flatExtent } from './indices.ts';
import { documentation, type RenderedKernel, signature } from './signature.ts';

/** Keys a block of the online softmax takes, at most what `online_softmax_block` does. */
const KEY_BLOCK = 64;
/** TOKEN_BLOCK of lib/batch.h. */
const TOKEN_BLOCK = 16;

const RESERVED = [
  'unit',
  'group',
  'tokens',
  'queries',
  'sums',
  'scores',
  'values',
  'row_max',
  'row_sum',
  'correction',
  'low',
  'high',
  'row_low',
  'row_high',
  'value_rows',
  'first',
  'last',
  'count',
  'mean',
  'i',
  'c',
  'key_begin',
];

export function renderAttend(kernel: AttendKernel, program: Program, checked: boolean): RenderedKernel {
  const scope = new KernelScope(program, outputNames(program, kernel), checked);
  for (const name of RESERVED) scope.names.of(`local ${name}`, name);
  const [tokenAxis, ...others] = kernel.axes;
  const [headAxis] = others;
  if (!tokenAxis) throw new Error('an attend has a query axis');
  const heads = headAxis ? (kernel.sharing.heads === 0 ? constantExtent(headAxis) : kernel.sharing.heads) : 1;
  const groups = others.map(constantExtent).reduce((product, extent) => product * extent, 1) / heads;
  const token = scope.index(tokenAxis.variable);
  const otherIndices = (head: string | null): string =>
    others.length === 0
      ? ''
      : `\n${declareIndices(others, others.length === 1 ? (head === null ? 'group * HEADS' : `group * HEADS + ${head}`) : 'group', scope, '      ')}`;
  const shares = kernel.sharing.tokens !== 'none';
  const rows = flatExtent([tokenAxis], scope);
  const dots = kernel.products.map((product) => dotHoles(product, scope));
  const { value } = kernel;
  const valueIndex = value.kind === 'expression' ? scope.index(value.index) : '';
  const width = constantExtent({ variable: kernel.key, extent: kernel.width });
  const outputIndices = [
    ...kernel.axes.map((axis) => indexOf(axis.variable, kernel.score.span)),
    { kind: 'local', type: 'i32', name: 'c', span: kernel.score.span } as const,
  ];
  const holes = {
    name: kernel.name,
    heads,
    groups,
    tokenBlock: shares ? TOKEN_BLOCK : 1,
    keyBlock: KEY_BLOCK,
    width,
    sharing: describe(kernel),
    blockCount: blockCount(kernel, rows),
    block: blockOf(kernel, rows),
    queryIndices: `      const int ${token} = tokens.first + i / HEADS;${otherIndices('i % HEADS')}`,
    innerQueryIndices: `        const int ${token} = tokens.first + i / HEADS;${otherIndices('i % HEADS').replace(/^ {6}/gm, '        ')}`,
    sharedIndices: `        const int ${token} = tokens.first;${otherIndices(null).replace(/^ {6}/gm, '        ')}`,
    key: scope.index(kernel.key),
    low: printC(kernel.low, scope),
    high: printC(kernel.high, scope),
    lowIsShared: kernel.sharing.lowIsShared,
    dots,
    mask: kernel.mask ? ` && ${printOperand(kernel.mask, scope)}` : '',
    score: printC(kernel.score, scope),
    valueTile: value.kind === 'expression',
    valueType: value.kind === 'rows' ? cType(scope.value(value.operand.tensor).storage) : 'float',
    valueIndex,
    valuePointer: value.kind === 'rows' ? rowPointer(value.operand, value.operand.indices, scope) : '',
    valueExpression: value.kind === 'expression' ? printC(value.value, scope) : '',
    store: printStore({ tensor: kernel.output, field: null, indices: outputIndices }, 'mean', scope),
  };
  const queries = (shares ? TOKEN_BLOCK : 1) * heads;
  const text = renderTemplate('cpu/attend.cpp.njk', {
    ...holes,
    doc: documentation(kernel, scope),
    signature: signature(scope),
  });
  return {
    name: kernel.name,
    text,
    kind: 'attend',
    parameters: scope.parameters,
    counts: scope.counts,
    anchors: kernel.anchors,
    label: kernel.label,
    scratchBytes:
      4 * (queries * width + (1 + dots.length) * queries * KEY_BLOCK + KEY_BLOCK * width) + 64 * (4 + dots.length),
  };
}

function describe(kernel: AttendKernel): string {
  const tokens = { sequence: 'tokens of one sequence', all: 'tokens', none: 'one token' }[kernel.sharing.tokens];
  const { heads } = kernel.sharing;
  return heads === 1 ? tokens : `${tokens} and ${heads === 0 ? 'all' : heads} heads that read the same keys`;
}

function blockCount(kernel: AttendKernel, rows: string): string {
  switch (kernel.sharing.tokens) {
    case 'sequence':
      return 'batch.token_block_count';
    case 'all':
      return `(${rows} + TOKEN_BLOCK - 1) / TOKEN_BLOCK`;
    case 'none':
      return rows;
  }
}

function blockOf(kernel: AttendKernel, rows: string): string {
  switch (kernel.sharing.tokens) {
    case 'sequence':
      return 'batch.token_blocks[unit / GROUPS]';
    case 'all':
      return `{int(unit / GROUPS) * TOKEN_BLOCK, std::min(TOKEN_BLOCK, ${rows} - int(unit / GROUPS) * TOKEN_BLOCK)}`;
    case 'none':
      return '{int(unit / GROUPS), 1}';
  }
}
