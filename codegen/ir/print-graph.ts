/** A traced graph as stable text: its calls in order; and what a rank of it loads and where the ranks join. */
import type { Graph, GraphCall, GraphValue, ValueSource, WeightSegment } from '../../dsl/lang/graph.ts';
import type { Operator } from '../../dsl/lang/operator.ts';
import { assertNever } from './assert-never.ts';
import type { OperatorIr } from './operator.ts';

type Operators = ReadonlyMap<Operator, OperatorIr>;

/** Values as declared, and each call with its attributes: `%7 = rmsNorm(x: %5, weight: %6; eps 0.000001)`. */
export function printGraph(graph: Graph, operators: Operators): string {
  const declared = graph.values.filter(({ source }) => source.kind !== 'call').map(printValue);
  const calls = graph.calls.map((call) => printCall(call, operators));
  const results = Object.entries(graph.results).map(([name, id]) => `  result ${name} = %${id}`);
  return `${[`graph ${graph.name}`, ...declared, ...calls, ...results].join('\n')}\n`;
}

/** The slices of the checkpoint that make each weight, and the collective behind each call that ends in one. */
export function printShard(graph: Graph, operators: Operators): string {
  const weights = graph.values.flatMap((value) =>
    value.source.kind === 'checkpoint'
      ? [printValue(value), ...value.source.segments.map((segment) => `    ${printSegment(segment)}`)]
      : [],
  );
  const joined = graph.calls
    .filter(({ collective }) => collective !== 'none')
    .map((call) => `  ${call.collective} ${printCall(call, operators).trimStart()}`);
  return `${[`graph ${graph.name}`, ...weights, ...joined].join('\n')}\n`;
}

function printValue({ id, element, shape, paged, source }: GraphValue): string {
  const fields = Object.entries(paged ?? {}).map(([name, row]) => `${name}[${row.join(', ')}]`);
  const type = paged ? `paged { ${fields.join(', ')} }` : `${element}[${shape.join(', ')}]`;
  return `  %${id}: ${type} ${printSource(source)}`;
}

function printSource(source: ValueSource): string {
  switch (source.kind) {
    case 'call':
      return `${source.output} of call ${source.call}`;
    case 'view':
      return `view of %${source.of}`;
    case 'input':
    case 'checkpoint':
    case 'constant':
    case 'state':
      return `${source.kind} ${source.name}`;
    default:
      return assertNever(source);
  }
}

function printCall({ operator, attrs, inputs, outputs, label }: GraphCall, operators: Operators): string {
  const results = Object.values(outputs).map((id) => `%${id}`);
  const given = Object.entries(inputs).map(([name, id]) => `${name}: %${id}`);
  const constants = Object.entries(attrs).map(([name, value]) => `${name} ${value}`);
  const rest = constants.length > 0 ? `; ${constants.join(', ')}` : '';
  const name = operators.get(operator)?.name ?? operator.definedAt();
  return `  ${results.join(', ')} = ${name}(${given.join(', ')}${rest})${label ? ` in ${label}` : ''}`;
}

function printSegment({
  tensor,
  rowStart,
  rows,
  columnStart,
  columns,
  totalRows,
  totalColumns,
}: WeightSegment): string {
  const span = (start: number, count: number, total: number) => `[${start}, ${start + count}) of ${total}`;
  return `${tensor} rows ${span(rowStart, rows, totalRows)}, columns ${span(columnStart, columns, totalColumns)}`;
}
