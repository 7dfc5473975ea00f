/** One library of many operator cases, each a program of its own: the only part of verifying that needs the compiler. */
import { fileURLToPath } from 'node:url';
import { compileAndBuild } from '../codegen/compile.ts';
import { formatDiagnostics } from '../codegen/diagnostics/format.ts';
import { callOperator } from '../dsl/lang/call.ts';
import { dimensionNames, type TensorDeclaration } from '../dsl/lang/declare.ts';
import type { Extent, Graph } from '../dsl/lang/graph.ts';
import type { Operator } from '../dsl/lang/operator.ts';
import type { FloatType } from '../dsl/lang/rounding.ts';
import { extentOf } from '../dsl/lang/solve.ts';
import type { SymbolicTensor } from '../dsl/lang/symbolic.ts';
import { type GraphBuilder, trace } from '../dsl/lang/trace.ts';
import { elementsOf, type OperatorCase, type OperatorLibraryOptions } from './operator-library.ts';

export const libraryModule = fileURLToPath(new URL('../dsl/ops/index.ts', import.meta.url));

/** The folder of the built library. Throws with the diagnostics, or the compiler's message, where there is none. */
export async function buildCases(
  cases: readonly OperatorCase[],
  element: FloatType,
  { blockSize = 64, modules = [libraryModule], ...target }: OperatorLibraryOptions,
): Promise<string> {
  const distinct = [...new Map(cases.map((subject) => [subject.name, subject])).values()];
  const built = await compileAndBuild(distinct.map(graphOf), modules, {
    elements: elementsOf(element),
    blockSize,
    ...target,
  });
  if (built.ok) return built.directory;
  throw new Error('diagnostics' in built ? formatDiagnostics(built.diagnostics) : `${built.message}\n${built.mend}`);
}

/** A program of the one call: weights from a checkpoint, states as states, the rest as inputs; its results are the outputs. */
export function graphOf(subject: OperatorCase): Graph {
  const { operator, features, attrs } = subject;
  const counts = dimensionNames(operator.spec.dims).filter((name) => features[name] === undefined);
  const dims: Readonly<Record<string, Extent>> = {
    ...Object.fromEntries(counts.map((name) => [name, name])),
    ...features,
  };
  return trace(subject.name, (graph) => {
    const declared = Object.entries(
      operator.spec.inputs({ ...features, ...Object.fromEntries(counts.map((name) => [name, 2])) }),
    );
    const inputs = declared.map(([name, declaration]) => [name, source(graph, operator, name, declaration, dims)]);
    return callOperator(operator, Object.fromEntries(inputs), attrs, { dims });
  });
}

function source(
  graph: GraphBuilder,
  operator: Operator,
  name: string,
  declaration: TensorDeclaration,
  dims: Readonly<Record<string, Extent>>,
): SymbolicTensor {
  if (declaration.kind === 'paged') return graph.paged(name, declaration.fields);
  const { element, state } = declaration;
  if (element === 'weight') {
    const [rows = 1, columns = 1] = declaration.shape;
    const segment = {
      tensor: name,
      rowStart: 0,
      rows,
      columnStart: 0,
      columns,
      totalRows: rows,
      totalColumns: columns,
    };
    return graph.checkpoint(name, element, declaration.shape, [segment]);
  }
  const shape = declaration.shape.map((_, axis) => {
    const extent = extentOf((values) => {
      const at = operator.spec.inputs(values)[name];
      return at?.kind === 'dense' ? (at.shape[axis] ?? Number.NaN) : Number.NaN;
    }, dims);
    if (extent === null) throw new Error(`axis ${axis} of ${name} is neither a number nor a count`);
    return extent;
  });
  return state ? graph.state(name, element, shape) : graph.input(name, element, shape);
}
