/** Splits an axis where ternaries compare its index with a constant, so that each part is straight code. */
import type { Expression } from '../ir/expression.ts';
import type { Axis } from '../ir/kernel.ts';
import { fold, integer } from '../ir/make.ts';
import { rewrite, walk } from '../ir/rewrite.ts';

export interface Segment {
  readonly low: Expression;
  readonly high: Expression;
  readonly value: Expression;
}

/** Parts beyond which splitting costs more code than a select costs time. */
const MOST_PARTS = 4;

export function splitAxis(axis: Axis, value: Expression): readonly Segment[] {
  const { span } = value;
  const whole: Segment = { low: integer(0, span), high: axis.extent, value };
  if (axis.extent.kind !== 'number') return [whole];
  const extent = axis.extent.value;
  const cuts = new Set<number>();
  walk(value, (node) => {
    const cut = cutOf(node, axis.variable.id);
    if (cut !== null && cut > 0 && cut < extent) cuts.add(cut);
  });
  if (cuts.size === 0 || cuts.size >= MOST_PARTS) return [whole];
  const bounds = [0, ...[...cuts].sort((a, b) => a - b), extent];
  return bounds.slice(0, -1).map((low, i) => {
    const high = bounds[i + 1] as number;
    const known = rewrite(value, (node) => {
      if (node.kind !== 'select') return fold(node);
      const cut = cutOf(node.condition, axis.variable.id);
      if (cut === null || node.condition.kind !== 'compare') return node;
      const below = high <= cut;
      const holds = node.condition.op === '<' || node.condition.op === '<=' ? below : !below;
      return holds ? node.then : node.otherwise;
    });
    return { low: integer(low, span), high: integer(high, span), value: known };
  });
}

/** The least index at which `index < c`, `index <= c`, `index >= c` or `index > c` changes; null for another condition. */
function cutOf(node: Expression, id: number): number | null {
  if (
    node.kind !== 'compare' ||
    node.left.kind !== 'index' ||
    node.left.variable.id !== id ||
    node.right.kind !== 'number'
  )
    return null;
  switch (node.op) {
    case '<':
    case '>=':
      return node.right.value;
    case '<=':
    case '>':
      return node.right.value + 1;
    default:
      return null;
  }
}
