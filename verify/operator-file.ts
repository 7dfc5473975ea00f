/** A user's file of operators, each verified as those of the library are. */
import { resolve } from 'node:path';
import { CompileError } from '../codegen/errors.ts';
import { type OperatorShape, requireAttrs } from '../codegen/operator-graph.ts';
import { dimensionNames } from '../dsl/lang/declare.ts';
import type { Operator } from '../dsl/lang/operator.ts';
import type { FloatType } from '../dsl/lang/rounding.ts';
import { countNames, type OperatorCase, OperatorLibrary, operatorCase, raggedAxis } from './operator-library.ts';
import { defaultSizes } from './operator-shapes.ts';
import { type OperatorReport, verifyOperator } from './operators.ts';
import type { PrepareOptions } from './prepared.ts';

export interface OperatorFileSettings extends Omit<PrepareOptions, 'elements'>, Partial<OperatorShape> {
  readonly elements: readonly FloatType[];
}

/** Sizes of a dimension that is one of several: the oracle's time goes with their product. */
const productSizes: readonly number[] = [4, 2, 8, 1, 7, 16, 33, 64];

/** Shapes of an operator whose dimensions the user leaves to us. */
const SHAPES = 4;

/**
 * A report for each operator that the file exports and each element type, as it is done. Dimensions are those of `dims`, where what is
 * left out is a count; without any, several shapes that meet the operator's `where`. Throws an error with a mend for a source that
 * does not compile and for an attribute without a value.
 */
export async function* verifyOperatorFile(
  source: string,
  { dims = {}, attrs = {}, elements, onProgress, ...target }: OperatorFileSettings,
): AsyncGenerator<OperatorReport> {
  // The compiler is not there where a built library is verified.
  const { operatorGraphs, readOperatorFile } = await import('../codegen/operator-file.ts');
  const { buildCases } = await import('./build-cases.ts');
  const { comparedByCondition } = await import('./bounds/by-condition.ts');
  const file = await readOperatorFile(source);
  const given = Object.keys(dims).length > 0;
  // Refuses a dimension or an attribute that no operator has, and one that is lacking.
  if (given) operatorGraphs(source, file, { dims, attrs });
  const cases = file.own.map(([operator, ir]) => ({ ir, cases: casesOf(ir.name, operator, { dims, attrs }, given) }));
  const all = cases.flatMap((each) => each.cases);
  for (const element of elements) {
    onProgress?.(`building ${cases.map(({ ir }) => ir.name).join(', ')} for ${element}`);
    const directory = await buildCases(all, element, { ...target, modules: [resolve(source)] });
    const library = new OperatorLibrary(directory, element);
    for (const { ir, cases: subjects } of cases) {
      onProgress?.(`verifying ${ir.name} for ${element}`);
      yield verifyOperator(library, ir.name, subjects, {
        contents: {},
        again: (comparisons, subject, call, found) =>
          comparedByCondition(comparisons, ir, element, subject, call, found),
      });
    }
  }
}

function casesOf(
  name: string,
  operator: Operator,
  shape: Required<OperatorShape>,
  given: boolean,
): readonly OperatorCase[] {
  const of = (values: Readonly<Record<string, number>>, names: readonly string[]) =>
    Object.fromEntries(Object.entries(values).filter(([each]) => names.includes(each)));
  const declared = Object.keys(operator.spec.attrs ?? {});
  requireAttrs(name, declared, shape.attrs);
  const attrs = of(shape.attrs, declared);
  const names = dimensionNames(operator.spec.dims);
  const sizes = given ? [of(shape.dims, names)] : drawnSizes(name, operator);
  return sizes.map((features) => operatorCase(name, operator, features, attrs));
}

/** The first that meet `where`, of all ways to give the feature dimensions a size: those with different sizes before equal ones. */
function drawnSizes(name: string, operator: Operator): readonly Readonly<Record<string, number>>[] {
  const axis = raggedAxis(operator);
  const counts = new Set([...countNames, axis?.tokens, axis?.sequences]);
  const features = dimensionNames(operator.spec.dims).filter((dimension) => !counts.has(dimension));
  const sizes = features.length > 1 ? productSizes : defaultSizes;
  const meets = (values: Readonly<Record<string, number>>) =>
    operator.spec.where?.({ ...countsOfOne(operator), ...values }).includes(false) !== true;
  const found: Readonly<Record<string, number>>[] = [];
  for (let step = 0; found.length < SHAPES && step < sizes.length ** features.length; step++) {
    const values = Object.fromEntries(features.map((feature, place) => [feature, sizeAt(sizes, step, place)]));
    if (meets(values)) found.push(values);
  }
  if (found.length > 0) return found;
  throw new CompileError(
    'dimension-needed',
    `no sizes of our own meet the where of ${name}.`,
    `Give --dims ${features.map((feature) => `${feature}=SIZE`).join(',')}.`,
  );
}

/** The digits of `step`, each beside the one before it, so that the first steps differ in every dimension. */
function sizeAt(sizes: readonly number[], step: number, place: number): number {
  const digit = Math.floor(step / sizes.length ** place) + (place === 0 ? 0 : step + place);
  return sizes[digit % sizes.length] ?? 1;
}

function countsOfOne({ spec }: Operator): Readonly<Record<string, number>> {
  return Object.fromEntries(dimensionNames(spec.dims).map((name) => [name, 1]));
}
