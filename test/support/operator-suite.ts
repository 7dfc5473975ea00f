/** The golden numbers of every operator for one element type: the compiled program against the author's function in Node. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gumbel } from '../../dsl/lang/intrinsics.ts';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import type { EvaluatedValue } from '../../dsl/lang/values.ts';
import { sample } from '../../dsl/ops/sample.ts';
import { type Draw, drawCall, isRagged, type Sequence } from './operator-draws.ts';
import { importOperators, operatorFiles } from './operator-files.ts';
import {
  dimsOf,
  type OperatorCall,
  type OperatorCase,
  OperatorLibrary,
  runOracle,
  storageOf,
} from './operator-library.ts';
import { casesOf } from './operator-shapes.ts';
import { relativeBound, relativeError } from './tolerances.ts';

/** The cases of every operator of dsl/ops: a new file is all that it takes to be among them. */
export const allCases: ReadonlyMap<string, readonly OperatorCase[]> = new Map(
  [...(await importOperators(operatorFiles))].map(([name, operator]) => [name, casesOf(name, operator)]),
);

/** Declares the tests: one an operator, over its feature shapes; with a block size, only of the operators given. */
export function describeOperators(element: FloatType, blockSize = 64, names = [...allCases.keys()]): void {
  describe(`${element}, blocks of ${blockSize}`, () => {
    const cases = new Map(names.map((name) => [name, allCases.get(name) ?? []]));
    let compiled: OperatorLibrary;
    beforeAll(async () => {
      compiled = await OperatorLibrary.build([...cases.values()].flat(), element, { blockSize });
    });
    for (const [name, subjects] of cases) {
      it(name, () => {
        for (const subject of subjects) holdsFor(compiled, subject);
      });
    }
  });
}

/** Runs drawn calls in both executions; fails with the shrunk draw. */
export function holdsFor(compiled: OperatorLibrary, subject: OperatorCase): void {
  const property = fc.property(draws, fc.constantFrom(1, 2), (draw, threads) => {
    const call = drawCall(subject, draw, compiled.element, compiled.blockSize);
    const expected = runOracle(subject, call, compiled.element);
    expectSame(compiled, subject, call, compiled.run(subject, call, threads), expected);
  });
  fc.assert(property, { seed: 20261124, numRuns: isRagged(subject) ? 12 : 8, examples: examplesOf(subject) });
}

const lengths = fc.constantFrom(0, 1, 2, 3, 5, 8, 17, 31, 32, 33, 63, 64, 65);
const sequence: fc.Arbitrary<Sequence> = fc.record({ tokens: lengths, cached: fc.oneof(fc.constant(0), lengths) });

const draws: fc.Arbitrary<Draw> = fc.record({
  seed: fc.integer(),
  rows: fc.constantFrom(0, 1, 2, 3, 5, 8, 17, 33),
  sequences: fc.array(sequence, { maxLength: 5 }),
  ties: fc.boolean(),
  special: fc.boolean(),
  skipped: fc.boolean(),
});

/** No row and one; for ragged operators decode and prefill around the end of a block, and a batch of all kinds. */
function examplesOf(subject: OperatorCase): [Draw, number][] {
  const plain = { seed: 1, rows: 1, sequences: [], ties: false, special: false, skipped: false };
  if (!isRagged(subject))
    return [
      [{ ...plain, rows: 0 }, 2],
      [plain, 1],
    ];
  const batches: readonly (readonly Sequence[])[] = [
    [],
    [
      { tokens: 1, cached: 62 },
      { tokens: 1, cached: 63 },
      { tokens: 1, cached: 64 },
    ],
    [
      { tokens: 2, cached: 62 },
      { tokens: 3, cached: 0 },
      { tokens: 1, cached: 0 },
      { tokens: 1, cached: 130 },
    ],
    [
      { tokens: 63, cached: 0 },
      { tokens: 65, cached: 0 },
    ],
  ];
  return batches.map((sequences, i) => [{ ...plain, sequences }, 1 + (i % 2)]);
}

/** Every output within the bound of its type; integers equal. */
export function expectSame(
  { element }: Pick<OperatorLibrary, 'element'>,
  subject: OperatorCase,
  call: OperatorCall,
  found: Readonly<Record<string, EvaluatedValue>>,
  expected: Readonly<Record<string, EvaluatedValue>>,
): void {
  const declarations = subject.operator.spec.outputs(dimsOf(subject, call));
  for (const [name, declaration] of Object.entries(declarations)) {
    const type = declaration.kind === 'paged' ? element : storageOf(declaration.element, element);
    for (const [field, a, b] of fieldsOf(found[name], expected[name])) {
      const place = `${subject.name}, output ${name}${field}`;
      if (type === 'i32') expect(agreedTokens(subject, call, a, b), place).toEqual([...b]);
      else expect(relativeError(a, b), place).toBeLessThanOrEqual(relativeBound(type, b.length));
    }
  }
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
