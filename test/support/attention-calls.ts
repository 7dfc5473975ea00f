/** Calls of attention operators on a batch that the test writes: every dense input and every field of a cache is normal noise. */
import type { FloatType } from '../../dsl/lang/rounding.ts';
import type { Value } from '../../dsl/lang/values.ts';
import { drawBatch, type Sequence } from '../../verify/operator-draws.ts';
import { dimsOf, type OperatorCall, type OperatorCase } from '../../verify/operator-library.ts';
import { Random } from '../../verify/random.ts';
import { product, rounded } from '../../verify/tensors.ts';

export function attentionCall(
  subject: OperatorCase,
  sequences: readonly Sequence[],
  seed: number,
  element: FloatType,
  blockSize = 64,
): OperatorCall {
  const random = new Random(seed);
  const batch = drawBatch(sequences, blockSize, false, random);
  const counts = { T: batch.cuSeqlens.at(-1) ?? 0 };
  const slots = blockSize * (1 + Math.max(...(batch.blockTable ?? []).flat()));
  const noise = (length: number) => Array.from({ length }, () => random.normal());
  const declared = subject.operator.spec.inputs(dimsOf(subject, { counts, batch }));
  const inputs = Object.entries(declared).map(([name, declaration]): [string, Value] => {
    if (declaration.kind === 'dense') {
      const storage = declaration.element === 'f32' ? 'f32' : element;
      return [name, rounded(storage, noise(product(declaration.shape)))];
    }
    const fields = Object.entries(declaration.fields).map(([field, row]) => {
      return [field, rounded(element, noise(slots * product(row)))] as const;
    });
    return [name, { fields: Object.fromEntries(fields) }];
  });
  return { counts, inputs: Object.fromEntries(inputs), batch };
}
