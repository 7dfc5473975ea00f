/** A graph of one call: how a single operator becomes a program that can be built, printed and launched alone. */

import { callOperator } from '../dsl/lang/call.ts';
import { dimensionNames, type TensorDeclaration } from '../dsl/lang/declare.ts';
import type { Extent, Graph } from '../dsl/lang/graph.ts';
import type { Operator } from '../dsl/lang/operator.ts';
import { type Dims, extentOf } from '../dsl/lang/solve.ts';
import type { SymbolicTensor } from '../dsl/lang/symbolic.ts';
import { type GraphBuilder, trace } from '../dsl/lang/trace.ts';
import { CompileError } from './errors.ts';

export interface OperatorShape {
  /** Feature dimensions, in elements; those left out are counts, known at each call. */
  readonly dims: Readonly<Record<string, number>>;
  /** Attributes by name, in the units that the operator gives them (an epsilon, a factor). */
  readonly attrs?: Readonly<Record<string, number>>;
}

/** The program `name`: inputs by their declared names, results by the outputs'. Throws CompileError for a shape that is no shape. */
export function operatorGraph(name: string, operator: Operator, { dims: given, attrs = {} }: OperatorShape): Graph {
  const { spec } = operator;
  const dims: Dims = Object.fromEntries(
    dimensionNames(spec.dims).map((dimension) => [dimension, given[dimension] ?? dimension]),
  );
  requireAttrs(name, Object.keys(spec.attrs ?? {}), attrs);
  return trace(name, (graph) => {
    const inputs = Object.keys(spec.inputs(onesOf(dims))).map((input): [string, SymbolicTensor] => [
      input,
      declareInput(graph, name, operator, dims, input),
    ]);
    return callOperator(operator, Object.fromEntries(inputs), attrs, { dims });
  });
}

/**
 * The input of an operator as a tensor of the graph under its declared name: a weight from a checkpoint, a state as one, the rest
 * as inputs of the program. Throws CompileError, which names the program, for a shape that is no shape.
 */
export function declareInput(
  graph: GraphBuilder,
  program: string,
  { spec }: Operator,
  dims: Dims,
  input: string,
): SymbolicTensor {
  const declared = (values: Readonly<Record<string, number>>) => spec.inputs(values)[input];
  const axes = (
    count: number,
    at: (declaration: TensorDeclaration | undefined, axis: number) => number,
  ): readonly Extent[] =>
    Array.from({ length: count }, (_, axis) => {
      const extent = extentOf((values) => at(declared(values), axis), dims);
      if (extent !== null) return extent;
      throw new CompileError(
        'dimension-needed',
        `an extent of ${program}'s ${input} is computed from a count.`,
        `Give its dimensions a size: --dims ${missing(dims)}.`,
      );
    });
  const declaration = declared(onesOf(dims));
  if (declaration === undefined) throw new Error(`${program} has no input ${input}`);
  return source(graph, input, declaration, axes);
}

function onesOf(dims: Dims): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.keys(dims).map((dimension) => [dimension, 1]));
}

type Axes = (
  count: number,
  at: (declaration: TensorDeclaration | undefined, axis: number) => number,
) => readonly Extent[];

function source(graph: GraphBuilder, name: string, declaration: TensorDeclaration, axes: Axes): SymbolicTensor {
  if (declaration.kind === 'paged') {
    const fields = Object.entries(declaration.fields).map(([field, row]) => [
      field,
      axes(row.length, (declared, axis) =>
        declared?.kind === 'paged' ? (declared.fields[field]?.[axis] ?? Number.NaN) : Number.NaN,
      ).map(constant),
    ]);
    return graph.paged(name, Object.fromEntries(fields));
  }
  const shape = axes(declaration.shape.length, (declared, axis) =>
    declared?.kind === 'dense' ? (declared.shape[axis] ?? Number.NaN) : Number.NaN,
  );
  if (declaration.state) return graph.state(name, declaration.element, shape);
  if (declaration.element !== 'weight' || shape.some((extent) => typeof extent === 'string'))
    return graph.input(name, declaration.element, shape);
  const [rows = 1, ...rest] = shape.map(constant);
  const columns = rest.reduce((size, extent) => size * extent, 1);
  const segment = { tensor: name, rowStart: 0, rows, columnStart: 0, columns, totalRows: rows, totalColumns: columns };
  return graph.checkpoint(name, 'weight', shape.map(constant), [segment]);
}

function constant(extent: Extent): number {
  if (typeof extent === 'number') return extent;
  throw new CompileError(
    'dimension-needed',
    `${extent} is a feature dimension: it needs a size.`,
    `Give --dims ${extent}=SIZE.`,
  );
}

function missing(dims: Dims): string {
  return Object.entries(dims)
    .filter(([, extent]) => typeof extent === 'string')
    .map(([name]) => `${name}=SIZE`)
    .join(',');
}

/** Throws CompileError for a declared attribute without a value. */
export function requireAttrs(name: string, declared: readonly string[], given: Readonly<Record<string, number>>): void {
  const absent = declared.filter((attr) => given[attr] === undefined);
  if (absent.length === 0) return;
  throw new CompileError(
    'attribute-needed',
    `${name} takes the attributes ${declared.join(', ')}.`,
    `Give --attrs ${absent.map((attr) => `${attr}=NUMBER`).join(',')}.`,
  );
}
