/** One library of many operator cases, each a program of its own: the only part of verifying that needs the compiler. */
import { fileURLToPath } from 'node:url';
import { compileAndBuild } from '../codegen/compile.ts';
import { CompileError, DiagnosticError } from '../codegen/errors.ts';
import { operatorGraph } from '../codegen/operator-graph.ts';
import type { Graph } from '../dsl/lang/graph.ts';
import type { FloatType } from '../dsl/lang/rounding.ts';
import { elementsOf, type OperatorCase, type OperatorLibraryOptions } from './operator-library.ts';

export const libraryModule = fileURLToPath(new URL('../dsl/ops/index.ts', import.meta.url));

/** The folder of the built library. Throws an error with a mend, the diagnostics or the compiler's message, where there is none. */
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
  if ('diagnostics' in built) throw new DiagnosticError(built.diagnostics);
  throw new CompileError('build-failed', built.message, built.mend);
}

/** A program of the one call: weights from a checkpoint, states as states, the rest as inputs; its results are the outputs. */
export function graphOf({ name, operator, features, attrs }: OperatorCase): Graph {
  return operatorGraph(name, operator, { dims: features, attrs });
}
