/**
 * Renders an attend on tensor cores: one kernel for tokens that come alone, as in decode, with its keys cut into parts over
 * several blocks and a kernel that joins them; another for blocks of several tokens, as in prefill.
 */
import type { Expression } from '../../ir/expression.ts';
import type { AttendKernel } from '../../ir/kernel.ts';
import { indexOf } from '../../ir/make.ts';
import type { Program } from '../../ir/program.ts';
import { rowPointer } from '../address.ts';
import { printC, printOperand } from '../c-expression.ts';
import { printStore } from '../c-statements.ts';
import { dotHoles } from '../cpu/dot.ts';
import { constantExtent } from '../cpu/indices.ts';
import { documentation } from '../cpu/signature.ts';
import { cType, KernelScope, outputNames } from '../kernel-scope.ts';
import { renderTemplate } from '../template.ts';
import { type AttendForm, foldedBytes, headBytes, LARGE_GRID, rowTileBytes } from './attend-forms.ts';
import { type QueryBlocks, queryBlocks } from './attend-queries.ts';
import type { CudaKernel } from './cuda-kernel.ts';
import { cudaSignature, reserveNames } from './signature.ts';

const JOIN_THREADS = 256;
/** Queries that a block joins, at most: a thread has a few elements of each part. */
const JOIN_ROWS = 8;

const RESERVED = [
  ...[
    'group',
    'place',
    'part',
    'parts',
    'first',
    'joined',
    'begin',
    'tokens',
    'queries',
    'tile',
    'keys',
    'sums',
    'blocks',
    'ahead',
    'arriving',
  ],
  ...['arriving_count', 'stage', 'key_begin', 'landed', 'element', 'mean', 'i'],
  ...['Tile', 'ROWS', 'HEADS', 'GROUPS', 'TOKENS', 'WIDTH', 'STAGES', 'STAGE_BYTES'],
];

/** The kernel of a form; behind one whose keys are cut, that which joins them. */
export function renderAttendForm(
  kernel: AttendKernel,
  program: Program,
  checked: boolean,
  form: AttendForm,
): readonly CudaKernel[] {
  const { cutsKeys } = form;
  const name = `${kernel.name}${form.suffix}`;
  const scope = scopeOf(kernel, program, checked);
  const blocks = queryBlocks(kernel, scope, form.queries, form.tokens, cutsKeys ? 'place' : 'unit');
  const width = widthOf(kernel);
  const parts = partsOf(blocks, form);
  const grid = whereItRuns(kernel, scope, form, `${blocks.count} * ${blocks.groups}${cutsKeys ? ` * ${parts}` : ''}`);
  const layout = layoutOf(kernel, form, width);
  const { value } = kernel;
  if (value.kind !== 'rows') throw new Error('tensor cores take values that are rows');
  const dots = kernel.products.map((product, index) => {
    const dot = dotHoles(product, scope);
    return {
      ...dot,
      ...layout.dots[index],
      queryRows: scope.names.fresh(`Queries${index}`),
      keyRows: scope.names.fresh(`Keys${index}`),
      queryTile: `Tile::QueryRows<${dot.rowType}, ${dot.depth}>`,
      keyTile: `Tile::KeyRows<${dot.columnType}, ${dot.depth}>`,
      sums: scope.names.fresh(`${dot.name}_sums`),
    };
  });
  const holes = {
    name,
    about: `${form.about} Softmax online over blocks of ${form.keys} keys, for ${blocks.description}.`,
    tile: `AttendMma<${[cType(scope.value(value.operand.tensor).storage), form.queries, form.keys, form.warpRows, form.warpKeys, width].join(', ')}>`,
    dots: dots.map((dot) => ({
      ...dot,
      rowTypes: `<${dot.queryRows}, ${dot.keyRows}>`,
      queryArgument: `<${dot.queryRows}>`,
      keyArgument: `<${dot.keyRows}>`,
    })),
    heads: blocks.heads,
    groups: blocks.groups,
    tokens: blocks.tokens,
    width,
    stagesPlace: layout.stagesPlace,
    stageBytes: layout.stageBytes,
    valuePlace: layout.valuePlace,
    stages: form.stages,
    cutsKeys,
    parts,
    block: blocks.block,
    queryIndices: blocks.indices('i', '    '),
    scoreIndices: blocks.indices('i', '      '),
    sharedIndices: blocks.indices('', '        '),
    key: scope.index(kernel.key),
    low: printC(kernel.low, scope),
    high: printC(kernel.high, scope),
    maskedScore: maskedScore(kernel, scope),
    valuePointer: rowPointer(value.operand, value.operand.indices, scope),
    store: storeOf(kernel, scope),
    threads: form.threads,
    residents: form.residents,
  };
  const text = renderTemplate('cuda/attend_mma.cu.njk', {
    ...holes,
    doc: documentation(kernel, scope),
    ...cudaSignature(scope, cutsKeys),
  });
  const workspaceBytes = `int64_t(${grid}) * ${blocks.tokens * blocks.heads * (width + 2) * 4}`;
  const rendered: CudaKernel = {
    ...described(kernel, scope),
    name,
    text,
    launch: {
      block: form.threads,
      grid,
      sharedBytes: layout.sharedBytes,
      ...(cutsKeys && { workspaceBytes }),
    },
  };
  return cutsKeys ? [rendered, renderJoin(kernel, program, checked, form, workspaceBytes)] : [rendered];
}

function renderJoin(
  kernel: AttendKernel,
  program: Program,
  checked: boolean,
  form: AttendForm,
  workspaceBytes: string,
): CudaKernel {
  const scope = scopeOf(kernel, program, checked);
  const blocks = queryBlocks(kernel, scope, form.queries, form.tokens, 'place');
  const queries = blocks.tokens * blocks.heads;
  const rows = Math.min(JOIN_ROWS, queries);
  const slices = Math.ceil(queries / rows);
  const name = `${kernel.name}${form.suffix}_join`;
  const holes = {
    name,
    heads: blocks.heads,
    groups: blocks.groups,
    tokens: blocks.tokens,
    parts: partsOf(blocks, form),
    rows,
    slices,
    width: widthOf(kernel),
    block: blocks.block,
    queryIndices: blocks.indices('(begin + i)', '    '),
    store: storeOf(kernel, scope),
    threads: JOIN_THREADS,
  };
  const text = renderTemplate('cuda/attend_join.cu.njk', {
    ...holes,
    doc: documentation(kernel, scope),
    ...cudaSignature(scope, true),
  });
  return {
    ...described(kernel, scope),
    name,
    text,
    launch: {
      block: JOIN_THREADS,
      grid: whereItRuns(
        kernel,
        scope,
        form,
        `(${partsOf(blocks, form)} > 1 ? ${blocks.count} * ${blocks.groups * slices} : 0)`,
      ),
      sharedBytes: rows * 33 * 4,
      workspaceBytes,
    },
  };
}

/** A C expression, on the host and on the device: parts that the keys of a block are cut into. */
function partsOf(blocks: QueryBlocks, { residents }: AttendForm): string {
  return `batch.key_parts(${blocks.count} * ${blocks.groups}, ${residents})`;
}

/** The grid of a form whose turn it is, else 0. */
function whereItRuns(kernel: AttendKernel, scope: KernelScope, { runs }: AttendForm, grid: string): string {
  if (runs === null) return grid;
  const large = queryBlocks(kernel, scope, runs.largeQueries, 'several', 'unit');
  const isLarge = `${large.count} * ${large.groups} >= ${LARGE_GRID}`;
  return runs.where === 'large' ? `(${isLarge} ? ${grid} : 0)` : `(${isLarge} ? 0 : ${grid})`;
}

function scopeOf(kernel: AttendKernel, program: Program, checked: boolean): KernelScope {
  const scope = new KernelScope(program, outputNames(program, kernel), checked, [], 'plain');
  reserveNames(scope, RESERVED);
  scope.names.of('local c', 'c');
  return scope;
}

function described(
  kernel: AttendKernel,
  scope: KernelScope,
): Pick<CudaKernel, 'kind' | 'parameters' | 'counts' | 'anchors' | 'label' | 'scratchBytes'> {
  const { anchors, label } = kernel;
  return { kind: 'attend', parameters: scope.parameters, counts: scope.counts, anchors, label, scratchBytes: 0 };
}

function widthOf(kernel: AttendKernel): number {
  return constantExtent({ variable: kernel.key, extent: kernel.width });
}

/** Where in shared memory the rows of queries lie, and in a stage those of keys and values. */
function layoutOf({ products }: AttendKernel, form: AttendForm, width: number) {
  const depths = products.map(({ depth }) => Number(depth));
  const before = (rows: number, index: number): number =>
    depths.slice(0, index).reduce((sum, depth) => sum + rowTileBytes(rows, depth), 0);
  const queriesPlace = headBytes(form);
  const stagesPlace = queriesPlace + before(form.queries, depths.length);
  const valuePlace = before(form.keys, depths.length);
  const stageBytes = valuePlace + rowTileBytes(form.keys, width);
  return {
    dots: depths.map((_, index) => ({
      queryPlace: queriesPlace + before(form.queries, index),
      keyPlace: before(form.keys, index),
    })),
    stagesPlace,
    valuePlace,
    stageBytes,
    sharedBytes: Math.max(stagesPlace + form.stages * stageBytes, foldedBytes(form, width)),
  };
}

function maskedScore({ score, mask }: AttendKernel, scope: KernelScope): string {
  return mask ? `${printOperand(mask, scope)} ? ${printOperand(score, scope)} : -INFINITY` : printC(score, scope);
}

function storeOf(kernel: AttendKernel, scope: KernelScope): string {
  const { span } = kernel.score;
  const column: Expression = { kind: 'local', type: 'i32', name: 'c', span };
  const indices = [...kernel.axes.map((axis) => indexOf(axis.variable, span)), column];
  return printStore({ tensor: kernel.output, field: null, indices }, 'mean', scope);
}
