/** The row that a selection (argmax, topN, kthLargest, massThreshold) runs over: one in memory, or a buffer that is filled first. */
import type { Expression, IndexVariable, Reduce } from '../ir/expression.ts';
import type { Program } from '../ir/program.ts';
import { freeVariables } from '../ir/rewrite.ts';

/** The row of a tensor stored as f32 that `body` reads from end to end, if that is all it does. */
export function rowInMemory(
  body: Expression,
  variable: IndexVariable,
  program: Program,
): { readonly kind: 'tensor'; readonly tensor: string; readonly indices: readonly Expression[] } | null {
  if (body.kind !== 'load' || body.field !== null) return null;
  if (program.values.get(body.tensor)?.storage !== 'f32') return null;
  const last = body.indices.at(-1);
  const leading = body.indices.slice(0, -1);
  if (last?.kind !== 'index' || last.variable.id !== variable.id) return null;
  if (leading.some((index) => freeVariables(index).has(variable.id))) return null;
  return { kind: 'tensor', tensor: body.tensor, indices: leading };
}

/** Whether a selection needs a buffer, whose size must be known when the engine is built, and it is not. */
export function lacksBufferSize(node: Reduce, program: Program): boolean {
  if (node.op === 'sum' || node.op === 'max') return false;
  if (node.op === 'topN' && node.count?.kind !== 'number') return true;
  return node.extent.kind !== 'number' && rowInMemory(node.body, node.variable, program) === null;
}
