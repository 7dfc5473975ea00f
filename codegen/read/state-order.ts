/**
 * A state is updated in place, so an operator that writes one may read of it only the element it is about to write
 * (`counts(row, id) + 1` at [row, id]): any other read would see old or new contents as the order of the loop has it.
 */
import { nodesOf } from '../ir/children.ts';
import { expressionsOf } from '../ir/definitions.ts';
import type { Expression } from '../ir/expression.ts';
import { expressionKey } from '../ir/key.ts';
import type { OperatorIr, ScatterDefinition } from '../ir/operator.ts';
import type { Reader } from './reader.ts';

export function checkStateOrder(reader: Reader, operator: OperatorIr): void {
  for (const scatter of operator.definitions) {
    if (scatter.kind !== 'scatter') continue;
    for (const definition of operator.definitions) {
      for (const node of nodesOf(...expressionsOf(definition))) {
        if (node.kind !== 'load' || node.tensor !== scatter.output) continue;
        const isOwn = definition === scatter && node.field === null && isElementWritten(node.indices, scatter);
        if (!isOwn) reader.report(node.span, 'state-read-unordered', scatter.output);
      }
    }
  }
}

function isElementWritten(indices: readonly Expression[], scatter: ScatterDefinition): boolean {
  const [write] = scatter.writes;
  if (write === undefined || indices.length !== scatter.slot.length + write.indices.length) return false;
  return indices.every((index, axis) => {
    const slot = scatter.slot[axis];
    if (slot !== undefined)
      return writtenSlots(slot).every((written) => expressionKey(written) === expressionKey(index));
    return index.kind === 'index' && index.variable === write.indices[axis - scatter.slot.length];
  });
}

/** The slots a ternary may give, those that skip left out. */
function writtenSlots(slot: Expression): readonly Expression[] {
  if (slot.kind === 'select') return [...writtenSlots(slot.then), ...writtenSlots(slot.otherwise)];
  return slot.kind === 'number' && slot.value < 0 ? [] : [slot];
}
