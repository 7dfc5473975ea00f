/**
 * Solves an operator's dimensions from the shapes of its inputs. A shape is a function of the dimensions, affine in each of
 * those still unknown, so its coefficients are found by calling it.
 */
import { type Declarations, dimensionNames } from './declare.ts';
import type { Extent } from './graph.ts';
import type { OperatorSpec } from './operator.ts';
import { raggedCounts } from './trace.ts';

/** One axis, or one axis of a field: its declared extent as a function of the dimensions, and the extent it has. */
interface Equation {
  readonly declared: (dims: Readonly<Record<string, number>>) => number;
  readonly extent: Extent;
}

/** constant + sum of coefficient * dimension. */
interface Affine {
  readonly constant: number;
  readonly coefficients: ReadonlyMap<string, number>;
}

export type Dims = Readonly<Record<string, Extent>>;

/** The shape of a value as the solver sees it: a paged one has a shape for each field. */
export type KnownShape = readonly Extent[] | Readonly<Record<string, readonly Extent[]>>;

/**
 * The dimensions that the shapes determine, those given included; a ragged pair that no shape mentions is the graph's own.
 * What stays undetermined is missing from the result. Shapes that contradict each other are found by comparing afterwards.
 */
export function solveDims(spec: OperatorSpec, shapes: Readonly<Record<string, KnownShape>>, given: Dims): Dims {
  const names = dimensionNames(spec.dims);
  const equations = equationsOf(spec.inputs, shapes);
  let dims = given;
  for (let progress = true; progress; ) {
    progress = false;
    for (const equation of equations) {
      const solution = solveOne(equation, names, dims);
      if (solution === null) continue;
      dims = { ...dims, ...solution };
      progress = true;
    }
  }
  const solved: Dims = { ...raggedDefaults(spec), ...dims };
  return Object.fromEntries(names.flatMap((name) => (solved[name] === undefined ? [] : [[name, solved[name]]])));
}

/** The extent that a declared one has under the dimensions: a number, a count, or null where it is neither. */
export function extentOf(declared: (dims: Readonly<Record<string, number>>) => number, dims: Dims): Extent | null {
  const { constant, coefficients } = affineIn(declared, symbolsOf(dims), numbersOf(dims));
  const [first, ...rest] = coefficients;
  if (first === undefined) return Number.isInteger(constant) ? constant : null;
  const [name, coefficient] = first;
  return rest.length === 0 && coefficient === 1 && constant === 0 ? (dims[name] ?? null) : null;
}

/** Coefficients of a function in some of its dimensions, the others fixed; found by probing, so the function is called. */
function affineIn(
  declared: (dims: Readonly<Record<string, number>>) => number,
  unknown: readonly string[],
  fixed: Readonly<Record<string, number>>,
): Affine {
  const base = { ...fixed, ...Object.fromEntries(unknown.map((name) => [name, 2])) };
  const atBase = declared(base);
  const coefficients = new Map<string, number>();
  for (const name of unknown) {
    const coefficient = (declared({ ...base, [name]: 4 }) - atBase) / 2;
    if (coefficient !== 0) coefficients.set(name, coefficient);
  }
  const constant = [...coefficients.values()].reduce((rest, coefficient) => rest - 2 * coefficient, atBase);
  return { constant, coefficients };
}

function equationsOf(
  declare: (dims: Readonly<Record<string, number>>) => Declarations,
  shapes: Readonly<Record<string, KnownShape>>,
): readonly Equation[] {
  const equation = (tensor: string, field: string | null, axis: number, extent: Extent): Equation => ({
    declared: (dims) => {
      const declaration = declare(dims)[tensor];
      const shape = declaration?.kind === 'paged' ? declaration.fields[field ?? ''] : declaration?.shape;
      return shape?.[axis] ?? Number.NaN;
    },
    extent,
  });
  return Object.entries(shapes).flatMap(([tensor, shape]) =>
    isDenseShape(shape)
      ? shape.map((extent, axis) => equation(tensor, null, axis, extent))
      : Object.entries(shape).flatMap(([field, row]) =>
          row.map((extent, axis) => equation(tensor, field, axis, extent)),
        ),
  );
}

function isDenseShape(shape: KnownShape): shape is readonly Extent[] {
  return Array.isArray(shape);
}

/** The one dimension that this axis determines, if it does. */
function solveOne(equation: Equation, names: readonly string[], dims: Dims): Dims | null {
  const unknown = names.filter((name) => dims[name] === undefined);
  const { constant, coefficients } = affineIn(equation.declared, [...unknown, ...symbolsOf(dims)], numbersOf(dims));
  const [entry, ...others] = coefficients;
  if (entry === undefined || others.length > 0 || dims[entry[0]] !== undefined) return null;
  const [name, coefficient] = entry;
  if (typeof equation.extent === 'string') {
    return coefficient === 1 && constant === 0 ? { [name]: equation.extent } : null;
  }
  const solution = (equation.extent - constant) / coefficient;
  return Number.isInteger(solution) && solution >= 0 ? { [name]: solution } : null;
}

function raggedDefaults(spec: OperatorSpec): Dims {
  const pairs = spec.dims.filter((dim) => typeof dim !== 'string');
  return Object.fromEntries(
    pairs.flatMap(({ tokens, sequences }) => [
      [tokens, raggedCounts.tokens],
      [sequences, raggedCounts.sequences],
    ]),
  );
}

function symbolsOf(dims: Dims): readonly string[] {
  return Object.keys(dims).filter((name) => typeof dims[name] === 'string');
}

function numbersOf(dims: Dims): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(dims).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
