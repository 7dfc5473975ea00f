/** A call of an operator on symbolic tensors: its dimensions are solved, its shapes checked, and it is recorded in the graph. */
import { dimensionNames, type TensorDeclaration } from './declare.ts';
import { LanguageError, type LanguageErrorCode } from './error.ts';
import type { Extent, GraphCall, GraphValue } from './graph.ts';
import type { Operator } from './operator.ts';
import { type Dims, extentOf, type KnownShape, solveDims } from './solve.ts';
import type { SymbolicTensor } from './symbolic.ts';

export interface CallOptions<Name extends string = string> {
  /** Dimensions that no input's shape determines: a count of heads in a merged axis, the places of a top-n. */
  readonly dims?: { readonly [Dim in Name]?: Extent };
  /** What joins the outputs of the ranks, when there is more than one. */
  readonly collective?: GraphCall['collective'];
  /** How many ranks an allGather joins: the outputs' last axis is so many times the operator's. */
  readonly ranks?: number;
}

/** The outputs as new values. Throws LanguageError for names, elements or shapes that do not fit, or a `where` that fails. */
export function callOperator(
  operator: Operator,
  inputs: Readonly<Record<string, SymbolicTensor>>,
  attrs: Readonly<Record<string, number>>,
  options: CallOptions,
): Readonly<Record<string, SymbolicTensor>> {
  const [any] = Object.values(inputs);
  if (any === undefined)
    throw fault(operator, 'no-input', 'is called without inputs', 'Give it a tensor of the graph.');
  const { graph } = any;
  const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { value }]) => [name, shapeOf(value)]));
  const dims = solveDims(operator.spec, shapes, definedOnly(options.dims ?? {}));
  requireSolved(operator, dims);
  requireSameNames(operator, 'attribute', Object.keys(operator.spec.attrs ?? {}), Object.keys(attrs));
  const declared = symbolicShapes(operator, 'inputs', dims);
  requireSameNames(operator, 'input', [...declared.keys()], Object.keys(inputs));
  for (const [name, { value }] of Object.entries(inputs)) requireFit(operator, name, declared.get(name), value);
  requireWhere(operator, dims);
  const id = graph.calls.length;
  const gathered = options.collective === 'allGather' ? (options.ranks ?? 1) : 1;
  const outputs = Object.fromEntries(
    [...symbolicShapes(operator, 'outputs', dims)].map(([name, { declaration, shape }]) => {
      const source = { kind: 'call', call: id, output: name } as const;
      const value =
        declaration.kind === 'paged'
          ? graph.add(source, 'cache', [], numericFields(operator, name, shape))
          : graph.add(source, declaration.element, widen(isDense(shape) ? shape : [], gathered));
      return [name, value];
    }),
  );
  graph.record({
    operator,
    dims,
    attrs,
    inputs: idsOf(inputs),
    outputs: idsOf(outputs),
    collective: options.collective ?? 'none',
  });
  return outputs;
}

/** The shape with its last axis so many times as long. */
function widen(shape: readonly Extent[], times: number): readonly Extent[] {
  return shape.map((extent, axis) =>
    axis === shape.length - 1 && typeof extent === 'number' ? extent * times : extent,
  );
}

interface SymbolicShape {
  readonly declaration: TensorDeclaration;
  readonly shape: KnownShape;
}

/** The declared shapes under the dimensions of a call, by name. */
function symbolicShapes(
  operator: Operator,
  side: 'inputs' | 'outputs',
  dims: Dims,
): ReadonlyMap<string, SymbolicShape> {
  const declare = operator.spec[side];
  // Names, element types and numbers of axes do not depend on the dimensions, so any values show them.
  const sample = declare(Object.fromEntries(Object.keys(dims).map((name) => [name, 1])));
  const axes = (
    name: string,
    row: readonly number[],
    at: (declaration: TensorDeclaration | undefined) => readonly number[] | undefined,
  ) =>
    row.map((_, axis) => {
      const extent = extentOf((values) => at(declare(values)[name])?.[axis] ?? Number.NaN, dims);
      if (extent !== null) return extent;
      throw fault(
        operator,
        'extent',
        `axis ${axis} of ${name} is neither a number nor one of the counts`,
        'Give that axis a dimension of its own.',
      );
    });
  return new Map(
    Object.entries(sample).map(([name, declaration]): [string, SymbolicShape] => {
      if (declaration.kind === 'dense') {
        return [
          name,
          { declaration, shape: axes(name, declaration.shape, (d) => (d?.kind === 'dense' ? d.shape : undefined)) },
        ];
      }
      const fields = Object.entries(declaration.fields).map(([field, row]) => [
        field,
        axes(name, row, (d) => (d?.kind === 'paged' ? d.fields[field] : undefined)),
      ]);
      return [name, { declaration, shape: Object.fromEntries(fields) }];
    }),
  );
}

function requireFit(operator: Operator, name: string, declared: SymbolicShape | undefined, value: GraphValue): void {
  if (declared === undefined) return;
  const expected = print(declared.shape);
  const found = print(shapeOf(value));
  if (expected !== found) {
    throw fault(
      operator,
      'shape',
      `takes ${name} of shape ${expected} and is given ${found}`,
      'Give a tensor of the declared shape, or declare another.',
    );
  }
  const element = declared.declaration.kind === 'paged' ? 'cache' : declared.declaration.element;
  if (element !== value.element) {
    throw fault(
      operator,
      'element',
      `takes ${name} as ${element} and is given ${value.element}`,
      `Declare ${name} as ${value.element}, or make the value ${element}.`,
    );
  }
}

function requireSolved(operator: Operator, dims: Dims): void {
  const missing = dimensionNames(operator.spec.dims).filter((name) => dims[name] === undefined);
  if (missing.length === 0) return;
  throw fault(
    operator,
    'dimension',
    `leaves ${missing.join(', ')} undetermined by its inputs' shapes`,
    `Give them as options: { dims: { ${missing.join(', ')} } }.`,
  );
}

function requireSameNames(
  operator: Operator,
  what: 'input' | 'attribute',
  declared: readonly string[],
  given: readonly string[],
): void {
  const missing = declared.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !declared.includes(name));
  if (missing.length + unknown.length === 0) return;
  const found = [...missing.map((name) => `lacks ${name}`), ...unknown.map((name) => `does not know ${name}`)].join(
    ', ',
  );
  throw fault(
    operator,
    `${what}-names`,
    `${found} among its ${what}s`,
    `It declares ${declared.join(', ') || 'none'}.`,
  );
}

/** Conditions that read a count are left to the step, where the count is known. */
function requireWhere(operator: Operator, dims: Dims): void {
  let readsCount = false;
  const values = new Proxy<Record<string, number>>(
    {},
    {
      get: (_, name) => {
        const extent = typeof name === 'string' ? dims[name] : undefined;
        if (typeof extent === 'number') return extent;
        readsCount = true;
        return 1;
      },
    },
  );
  const failed = operator.spec.where?.(values).findIndex((holds) => !holds) ?? -1;
  if (failed < 0 || readsCount) return;
  const sizes = Object.entries(dims)
    .map(([name, extent]) => `${name} = ${extent}`)
    .join(', ');
  throw fault(
    operator,
    'where',
    `does not hold for ${sizes}: condition ${failed + 1} of its where`,
    'Call it with dimensions that meet the condition.',
  );
}

/** An error that names the operator by the place that defines it, and the call by its label. */
function fault(operator: Operator, code: LanguageErrorCode, message: string, mend: string): LanguageError {
  return new LanguageError(code, `the operator of ${operator.definedAt()} ${message}`, mend);
}

function shapeOf(value: GraphValue): KnownShape {
  return value.paged ?? value.shape;
}

function print(shape: KnownShape): string {
  if (isDense(shape)) return `[${shape.join(', ')}]`;
  return `{ ${Object.entries(shape)
    .map(([field, row]) => `${field}[${row.join(', ')}]`)
    .join(', ')} }`;
}

function isDense(shape: KnownShape): shape is readonly Extent[] {
  return Array.isArray(shape);
}

function numericFields(
  operator: Operator,
  name: string,
  shape: KnownShape,
): Readonly<Record<string, readonly number[]>> {
  const fields = Object.entries(shape).map(([field, row]: [string, readonly Extent[]]) => {
    const numbers = row.filter((extent) => typeof extent === 'number');
    if (numbers.length === row.length) return [field, numbers];
    throw fault(operator, 'extent', `has a count in ${name}.${field}`, 'Give the rows of a cache constant extents.');
  });
  return Object.fromEntries(fields);
}

function idsOf(tensors: Readonly<Record<string, SymbolicTensor>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { value }]) => [name, value.id]));
}

function definedOnly(dims: { readonly [name: string]: Extent | undefined }): Dims {
  return Object.fromEntries(Object.entries(dims).filter((entry): entry is [string, Extent] => entry[1] !== undefined));
}
