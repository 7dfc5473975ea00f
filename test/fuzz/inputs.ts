/** What a random program is run on: counts, a batch, and contents that every element type holds exactly. */
import type { TensorDeclaration } from '../../dsl/lang/declare.ts';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import { sizeOf, type Value } from '../../dsl/lang/values.ts';
import { drawBatch, isRagged } from '../../verify/operator-draws.ts';
import { dimsOf, type OperatorCall, type OperatorCase } from '../../verify/operator-library.ts';
import { Random } from '../../verify/random.ts';
import { rounded } from '../../verify/tensors.ts';
import { MOST_ROWS } from './programs/program.ts';

const BLOCK_SIZE = 64;

export function drawInputs(subject: OperatorCase, element: FloatType, seed: number): OperatorCall {
  const random = new Random(seed);
  const sequences = isRagged(subject) ? drawSequences(random) : [];
  const batch = isRagged(subject) ? drawBatch(sequences, BLOCK_SIZE, false, random) : undefined;
  const rows = random.integer(1, MOST_ROWS + 1);
  const counts = { T: batch ? (batch.cuSeqlens.at(-1) ?? 0) : rows, R: rows, S: rows + 2 };
  const dims = dimsOf(subject, { counts, ...(batch && { batch }) });
  const inputs = Object.entries(subject.operator.spec.inputs(dims)).map(([name, declaration]): [string, Value] => [
    name,
    drawTensor(name, declaration, element, random),
  ]);
  return { counts, inputs: Object.fromEntries(inputs), ...(batch && { batch }) };
}

/** MOST_ROWS tokens in all, at most; some behind others that came before. */
function drawSequences(random: Random): { readonly tokens: number; readonly cached: number }[] {
  const sequences: { tokens: number; cached: number }[] = [];
  for (let left = random.integer(1, MOST_ROWS + 1); left > 0; ) {
    const tokens = random.integer(1, left + 1);
    sequences.push({ tokens, cached: random.pick([0, 0, 3]) });
    left -= tokens;
  }
  return sequences;
}

/**
 * Eighths between -2 and 2, of which many are equal, or normal numbers, of which none are: comparisons are either exact or
 * seldom close. Rows of a state are written once each.
 */
function drawTensor(name: string, declaration: TensorDeclaration, element: FloatType, random: Random): Value {
  if (declaration.kind === 'paged') throw new Error(`${name} is paged`);
  const size = sizeOf(declaration.shape);
  const { range } = declaration;
  if (name === 'rows') {
    const order = random.permutation(range?.high ?? size);
    return Int32Array.from({ length: size }, (_, r) => (random.uniform() < 0.2 ? -1 : (order[r] ?? 0)));
  }
  if (range) return Int32Array.from({ length: size }, () => random.integer(range.low, range.high));
  if (declaration.element === 'i32') return Int32Array.from({ length: size }, () => random.integer(-3, 6));
  const areEighths = random.uniform() < 0.6;
  const values = Array.from({ length: size }, () => (areEighths ? random.integer(-16, 17) / 8 : random.normal()));
  return rounded(declaration.element === 'f32' ? 'f32' : element, values);
}
