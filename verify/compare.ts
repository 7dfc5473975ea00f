/** What two executions of one call made of every output: how far apart they are, and how far they may be. */
import { gumbel } from '../dsl/lang/intrinsics.ts';
import type { FloatType } from '../dsl/lang/rounding.ts';
import type { EvaluatedValue } from '../dsl/lang/values.ts';
import { sample } from '../dsl/ops/sample.ts';
import { dimsOf, type OperatorCall, type OperatorCase, type Outputs, storageOf } from './operator-library.ts';
import { relativeBound, relativeError } from './tolerances.ts';

export interface Comparison {
  readonly output: string;
  /** `siluMul_H33, output y`, with the field of a cache. */
  readonly place: string;
  /** Relative L2 error; of integers, how many differ. */
  readonly error: number;
  readonly bound: number;
}

/** One for each output, and for each field of a cache. */
export function compareOutputs(
  element: FloatType,
  subject: OperatorCase,
  call: OperatorCall,
  found: Outputs,
  expected: Outputs,
): readonly Comparison[] {
  const declarations = Object.entries(subject.operator.spec.outputs(dimsOf(subject, call)));
  return declarations.flatMap(([name, declaration]) => {
    const type = declaration.kind === 'paged' ? element : storageOf(declaration.element, element);
    return fieldsOf(found[name], expected[name]).map(([field, a, b]) => {
      const place = `${subject.name}, output ${name}${field}`;
      if (type !== 'i32')
        return { output: name, place, error: relativeError(a, b), bound: relativeBound(type, b.length) };
      return {
        output: name,
        place,
        error: agreedTokens(subject, call, a, b).filter((token, i) => token !== b[i]).length,
        bound: 0,
      };
    });
  });
}

type Arrays = readonly [field: string, found: Float64Array | Int32Array, expected: Float64Array | Int32Array];

function fieldsOf(found: EvaluatedValue | undefined, expected: EvaluatedValue | undefined): readonly Arrays[] {
  if (found === undefined || expected === undefined) throw new Error('an output is missing');
  if (!('fields' in found) && !('fields' in expected)) return [['', found, expected]];
  if (!('fields' in found) || !('fields' in expected)) throw new Error('one output is a cache and one is not');
  return Object.entries(expected.fields).map(([field, rows]) => [
    `.${field}`,
    found.fields[field] ?? new Float64Array(),
    rows,
  ]);
}

/**
 * The integers found, save those of a draw whose two best scores an f32 sum cannot tell apart: there the expected one stands,
 * as it does nowhere else.
 */
function agreedTokens(
  { operator, features }: OperatorCase,
  { inputs }: OperatorCall,
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
): readonly number[] {
  const { V = 0 } = features;
  const at = (name: string, place: number) => {
    const value = inputs[name];
    return value === undefined || 'fields' in value ? Number.NaN : (value[place] ?? Number.NaN);
  };
  return Array.from(found, (token, r) => {
    const drawn = expected[r] ?? Number.NaN;
    if (operator !== sample || token === drawn || at('temperature', r) === 0) return token;
    const score = (v: number) => at('x', r * V + v) + gumbel(at('seed', r), at('position', r), v);
    const gap = Math.abs(score(token) - score(drawn));
    return gap <= relativeBound('f32', 1) * Math.abs(score(drawn)) ? drawn : token;
  });
}
