/** Programs each of whose rows, or sequences, is computed from itself alone: what a batch of one gives for it is the same to the bit. */
import { childrenOf } from '../../codegen/ir/children.ts';
import { expressionsOf } from '../../codegen/ir/definitions.ts';
import type { Expression } from '../../codegen/ir/expression.ts';
import type { OperatorIr } from '../../codegen/ir/operator.ts';
import type { Value } from '../../dsl/lang/values.ts';
import type { TensorData } from '../../runtime/program.ts';
import { dimsOf, type OperatorCase } from '../../verify/operator-library.ts';
import type { GraphRun } from '../support/graph-library.ts';
import type { Accepted } from './compiled.ts';
import type { ProgramCall } from './inputs.ts';

const counts: ReadonlySet<string> = new Set(['T', 'R', 'B', 'S']);

/** Whether the first index of every output is only where a row of a tensor is read, or a token's sequence is asked for. */
export function areRowsApart(operators: Accepted['operators']): boolean {
  return operators.every(({ ir }) => ir.definitions.every((definition) => isApart(ir, definition)));
}

function isApart({ inputs, outputs }: OperatorIr, definition: OperatorIr['definitions'][number]): boolean {
  if (definition.kind === 'scatter') return false;
  const [row] = definition.indices;
  const output = outputs.find(({ name }) => name === definition.output);
  if (row === undefined || output?.kind !== 'dense' || !isCount(output.shape[0])) return false;
  if (output.shape.slice(1).some(readsCount)) return false;
  const isRow = (node: Expression | undefined): boolean => node?.kind === 'index' && node.variable.id === row.id;
  const isSequence = (node: Expression | undefined): boolean =>
    node?.kind === 'batch' && node.query === 'seq' && isRow(node.of);
  const holds = (node: Expression): boolean => {
    if (isRow(node) || (node.kind === 'dim' && counts.has(node.name)) || isSequence(node)) return false;
    if (node.kind === 'batch')
      return (node.query === 'pos' && isRow(node.of)) || (node.query === 'contextLen' && isSequence(node.of));
    if (node.kind !== 'load') return childrenOf(node).every(holds);
    const input = inputs.find(({ name }) => name === node.tensor);
    const [first, ...rest] = node.indices;
    if (input?.kind === 'paged') return isSequence(first) && rest.every(holds);
    if (input === undefined || input.shape.slice(1).some(readsCount)) return false;
    return isCount(input.shape[0]) ? isRow(first) && rest.every(holds) : node.indices.every(holds);
  };
  return expressionsOf(definition).every(holds);
}

const isCount = (extent: Expression | undefined): boolean => extent?.kind === 'dim' && counts.has(extent.name);

function readsCount(extent: Expression): boolean {
  return isCount(extent) || childrenOf(extent).some(readsCount);
}

/** A step of the rows [first, first + count) alone: one row, or the tokens of one sequence. */
interface Part {
  readonly call: ProgramCall;
  readonly first: number;
  readonly count: number;
}

export function partsOf(call: ProgramCall, operators: readonly OperatorCase[]): readonly Part[] {
  const { batch } = call;
  if (!batch) {
    const rows = call.counts.R ?? 0;
    return Array.from({ length: rows }, (_, row) => ({ call: rowsOf(call, operators, row, 1), first: row, count: 1 }));
  }
  return batch.contextLens.flatMap((contextLen, s) => {
    const [first = 0, end = 0] = batch.cuSeqlens.slice(s, s + 2);
    if (first === end) return [];
    const part = rowsOf(call, operators, first, end - first);
    const own = {
      ...batch,
      cuSeqlens: [0, end - first],
      contextLens: [contextLen],
      ...(batch.blockTable && { blockTable: batch.blockTable.slice(s, s + 1) }),
      ...(batch.slot && { slot: batch.slot.slice(first, end) }),
    };
    return [{ call: { ...part, batch: own }, first, count: end - first }];
  });
}

function rowsOf(call: ProgramCall, operators: readonly OperatorCase[], first: number, count: number): ProgramCall {
  const declared = new Map(
    operators.flatMap((subject) =>
      Object.entries(subject.operator.spec.inputs({ ...dimsOf(subject, call), T: 1, R: 1 })),
    ),
  );
  const whole = new Map(
    operators.flatMap((subject) =>
      Object.entries(subject.operator.spec.inputs({ ...dimsOf(subject, call), T: 2, R: 2 })),
    ),
  );
  const values = Object.entries(call.values).map(([name, value]): [string, Value] => {
    const [one, two] = [declared.get(name), whole.get(name)];
    if ('fields' in value || one?.kind !== 'dense' || two?.kind !== 'dense') return [name, value];
    const row = one.shape.reduce((size, extent) => size * extent, 1);
    const hasRows = two.shape[0] !== one.shape[0];
    return [name, hasRows ? Array.from(value).slice(first * row, (first + count) * row) : value];
  });
  return { ...call, counts: { ...call.counts, T: count, R: count }, values: Object.fromEntries(values) };
}

/** The first bits of a result that the part does not have as the whole has them; null where they are equal. */
export function unlikeRows(whole: GraphRun, part: GraphRun, { first, count }: Part): string | null {
  for (const name of Object.keys(part.results)) {
    const bits = part.bits[name] ?? new Int32Array();
    const row = bits.length / count;
    const expected = whole.bits[name]?.subarray(first * row, (first + count) * row) ?? new Int32Array();
    const place = placeOfDifference(bits, expected);
    if (place >= 0)
      return `${name}[${first * row + place}] is ${expected[place]} in its batch and ${bits[place]} alone`;
  }
  return null;
}

/** The first bits of a result or a state of the other that are not the same in both. */
export function unlikeBits(one: GraphRun, other: GraphRun): string | null {
  for (const [name, bits] of Object.entries(other.bits)) {
    const expected = one.bits[name] ?? new Int32Array();
    const place = placeOfDifference(bits, expected);
    if (place >= 0) return `${name}[${place}] is ${expected[place]} and ${bits[place]}`;
  }
  return null;
}

/** -1 where there is none. A NaN is like any other. */
function placeOfDifference(bits: TensorData, expected: TensorData): number {
  for (let place = 0; place < Math.max(bits.length, expected.length); place++)
    if (!Object.is(bits[place], expected[place])) return place;
  return -1;
}
