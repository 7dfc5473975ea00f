/** The statements that one reduction becomes, where it stands: a loop that accumulates, or the selection from a row of values. */
import { assertNever } from '../ir/assert-never.ts';
import type { Expression, Reduce, Span } from '../ir/expression.ts';
import { indexOf, integer } from '../ir/make.ts';
import type { Program } from '../ir/program.ts';
import type { Statement } from '../ir/statement.ts';
import type { NameTable } from '../names.ts';
import { rowInMemory } from './selection-row.ts';
import { nameShared } from './share.ts';

interface LoweredReduce {
  readonly node: Reduce & { readonly span: Span };
  /** Of the local that holds the result. */
  readonly name: string;
  readonly parameter: Expression | null;
  /** Free of reductions; those inside of it are `inner`, statements of its loop. */
  readonly body: Expression;
  readonly inner: readonly Statement[];
}

interface ReductionStatements {
  /** One for the whole row, however often a loop inside of it selects: memory is taken where a buffer is declared. */
  readonly buffers: readonly Statement[];
  /** Declares the result, whether the guards hold or not. */
  readonly before: readonly Statement[];
  /** What runs where the guards hold. */
  readonly guarded: readonly Statement[];
}

export function reduction(reduce: LoweredReduce, names: NameTable, program: Program): ReductionStatements {
  const { op } = reduce.node;
  switch (op) {
    case 'sum':
    case 'max':
      return accumulation(reduce, op, names);
    case 'argmax':
    case 'kthLargest':
    case 'massThreshold':
    case 'topN':
      return selection(reduce, op, names, program);
    default:
      return assertNever(op);
  }
}

function accumulation(reduce: LoweredReduce, op: 'sum' | 'max', names: NameTable): ReductionStatements {
  const { name, body } = reduce;
  const accumulate = op === 'sum' ? '+' : 'max';
  const start = op === 'sum' ? 0 : Number.NEGATIVE_INFINITY;
  return {
    buffers: [],
    before: [declared(reduce, start)],
    guarded: [
      loop(reduce, { kind: 'accumulate', op: accumulate, name, value: body }, [{ op: accumulate, name }], names),
    ],
  };
}

function selection(
  reduce: LoweredReduce,
  op: 'argmax' | 'kthLargest' | 'massThreshold' | 'topN',
  names: NameTable,
  program: Program,
): ReductionStatements {
  const { node, name, body, parameter } = reduce;
  const { extent, span } = node;
  const places: Statement = { kind: 'buffer', name, element: 'i32', extent: node.count ?? integer(1, span) };
  const source = rowInMemory(body, node.variable, program);
  const buffer = source ? null : names.fresh(`${name}_row`);
  const row: Statement[] = buffer ? [{ kind: 'buffer', name: buffer, element: 'f32', extent }] : [];
  const fill = (into: string): Statement => ({
    kind: 'fill',
    name: into,
    index: indexOf(node.variable, span),
    value: body,
  });
  return {
    buffers: [...(op === 'topN' ? [places] : []), ...row],
    before: op === 'topN' ? [] : [declared(reduce, 0)],
    guarded: [
      ...(buffer ? [loop(reduce, fill(buffer), [], names)] : []),
      {
        kind: 'selectRow',
        op,
        name,
        row: source ?? { kind: 'buffer', name: buffer as string },
        extent,
        parameter: op === 'topN' ? node.count : parameter,
      },
    ],
  };
}

function declared({ node: { type, span }, name }: LoweredReduce, value: number): Statement {
  return { kind: 'declare', name, value: { kind: 'number', type, value, span }, mutable: true };
}

function loop(
  { node, inner }: LoweredReduce,
  statement: Statement,
  reductions: readonly { op: '+' | 'max'; name: string }[],
  names: NameTable,
): Statement {
  return {
    kind: 'loop',
    variable: node.variable,
    low: integer(0, node.span),
    high: node.extent,
    simd: isStraight(inner),
    reductions,
    body: nameShared([...inner, statement], names),
  };
}

const REDUCTION_NAMES: Readonly<Record<Reduce['op'], string>> = {
  sum: 'sum',
  max: 'largest',
  argmax: 'best',
  topN: 'top',
  kthLargest: 'kth',
  massThreshold: 'threshold',
};

/** What a reader of the generated code calls the result. */
export function nameOfReduction(op: Reduce['op']): string {
  return REDUCTION_NAMES[op];
}

export function isStraight(statements: readonly Statement[]): boolean {
  return statements.every(
    (statement) =>
      statement.kind === 'store' ||
      statement.kind === 'declare' ||
      statement.kind === 'fill' ||
      statement.kind === 'accumulate',
  );
}
