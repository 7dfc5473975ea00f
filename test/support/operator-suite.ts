/** The golden numbers of every operator for one element type: the compiled program against the author's function in Node. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FloatType } from '../../dsl/lang/rounding.ts';
import type { EvaluatedValue } from '../../dsl/lang/values.ts';
import { compareOutputs } from '../../verify/compare.ts';
import { drawnLengths, drawnRows, exampleDraws } from '../../verify/example-draws.ts';
import { type Draw, drawCall, isRagged, type Sequence } from '../../verify/operator-draws.ts';
import {
  type OperatorCall,
  type OperatorCase,
  OperatorLibrary,
  type OperatorLibraryOptions,
  runOracle,
} from '../../verify/operator-library.ts';
import { casesOf } from '../../verify/operator-shapes.ts';
import { importOperators, operatorFiles } from './operator-files.ts';

/** The cases of every operator of dsl/ops: a new file is all that it takes to be among them. */
export const allCases: ReadonlyMap<string, readonly OperatorCase[]> = new Map(
  [...(await importOperators(operatorFiles))].map(([name, operator]) => [name, casesOf(name, operator)]),
);

export interface SuiteOptions extends Pick<OperatorLibraryOptions, 'blockSize' | 'target' | 'architectures'> {
  /** All operators unless given. */
  readonly names?: readonly string[];
  /** Calls of a case, the written ones first: of operators over a ragged batch, and of others. */
  readonly calls?: { readonly ragged: number; readonly dense: number };
}

/** Declares the tests: one an operator, over its feature shapes. */
export function describeOperators(element: FloatType, options: SuiteOptions = {}): void {
  const { blockSize = 64, names = [...allCases.keys()], calls = { ragged: 12, dense: 8 }, ...target } = options;
  describe(`${element}, blocks of ${blockSize}`, () => {
    const cases = new Map(names.map((name) => [name, allCases.get(name) ?? []]));
    let compiled: OperatorLibrary;
    beforeAll(async () => {
      compiled = await OperatorLibrary.build([...cases.values()].flat(), element, {
        blockSize,
        modules: operatorFiles,
        ...target,
      });
    });
    for (const [name, subjects] of cases) {
      it(name, () => {
        for (const subject of subjects) holdsFor(compiled, subject, isRagged(subject) ? calls.ragged : calls.dense);
      });
    }
  });
}

/** Runs drawn calls in both executions; fails with the shrunk draw. */
export function holdsFor(compiled: OperatorLibrary, subject: OperatorCase, numRuns: number): void {
  const property = fc.property(draws, fc.constantFrom(1, 2), (draw, threads) => {
    const call = drawCall(subject, draw, compiled.element, compiled.blockSize);
    const expected = runOracle(subject, call, compiled.element);
    expectSame(compiled, subject, call, compiled.run(subject, call, threads), expected);
  });
  fc.assert(property, { seed: 20261124, numRuns, examples: examplesOf(subject) });
}

const lengths = fc.constantFrom(...drawnLengths);
const sequence: fc.Arbitrary<Sequence> = fc.record({ tokens: lengths, cached: fc.oneof(fc.constant(0), lengths) });

const draws: fc.Arbitrary<Draw> = fc.record({
  seed: fc.integer(),
  rows: fc.constantFrom(...drawnRows),
  sequences: fc.array(sequence, { maxLength: 5 }),
  ties: fc.boolean(),
  special: fc.boolean(),
  skipped: fc.boolean(),
});

function examplesOf(subject: OperatorCase): [Draw, number][] {
  return exampleDraws(subject).map((draw, i) => [draw, 1 + (i % 2)]);
}

/** Every output within the bound of its type; integers equal. */
export function expectSame(
  { element }: Pick<OperatorLibrary, 'element'>,
  subject: OperatorCase,
  call: OperatorCall,
  found: Readonly<Record<string, EvaluatedValue>>,
  expected: Readonly<Record<string, EvaluatedValue>>,
): void {
  for (const { place, error, bound } of compareOutputs(element, subject, call, found, expected))
    expect(error, place).toBeLessThanOrEqual(bound);
}
