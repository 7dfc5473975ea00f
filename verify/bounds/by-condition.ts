/**
 * The table's bounds hold for operators whose numerics are minded. An author's may cancel, or put a number of a thousand into an
 * exponential: no execution in f32 is then as near to the oracle. Where the table is exceeded, running error analysis says how near
 * any can be, element by element.
 */
import type { OperatorIr } from '../../codegen/ir/operator.ts';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import type { Comparison } from '../compare.ts';
import { dimsOf, type OperatorCall, type OperatorCase, type Outputs, storageOf } from '../operator-library.ts';
import { judgeElements } from './judge.ts';
import { approximateOutputs } from './outputs.ts';

/** The comparisons, those outside of their bound made again by the condition of their elements where that tells anything. */
export function comparedByCondition(
  comparisons: readonly Comparison[],
  ir: OperatorIr,
  element: FloatType,
  subject: OperatorCase,
  call: OperatorCall,
  outputs: Outputs,
): readonly Comparison[] {
  const declarations = subject.operator.spec.outputs(dimsOf(subject, call));
  const isHeld = ({ error, bound }: Comparison): boolean => error <= bound;
  if (comparisons.every(isHeld)) return comparisons;
  // A cache's rows are written as they are given or as a few operations made them: the table holds for those.
  if (Object.values(declarations).some(({ kind }) => kind !== 'dense')) return comparisons;
  const bounds = approximateOutputs(ir, subject, call);
  return comparisons.map((comparison) => {
    if (isHeld(comparison)) return comparison;
    const { output } = comparison;
    const [declaration, elements, found] = [declarations[output], bounds[output], outputs[output]];
    if (declaration?.kind !== 'dense' || elements === undefined || found === undefined || 'fields' in found)
      throw new Error(`${output} is not dense`);
    const judged = judgeElements(elements, found, storageOf(declaration.element, element));
    return judged.isTelling && judged.wrong === null ? { ...comparison, error: judged.share, bound: 1 } : comparison;
  });
}
