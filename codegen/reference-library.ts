/** The operator library at its reference shapes, as it is committed in `generated/`: what a change of the compiler changed. */
import { join } from 'node:path';
import { referenceShapes } from '../dsl/ops/reference-shapes.ts';
import { compile, DEFAULT_ELEMENTS } from './compile.ts';
import { OPERATOR_LIBRARY } from './emit.ts';
import { DiagnosticError } from './errors.ts';
import { printOperator } from './ir/print-operator.ts';
import { operatorGraph } from './operator-graph.ts';
import { readProgramOperators } from './read/program-operators.ts';

/** Paths below `generated/` to text: the operators' IR, and the sources of each target. */
export async function referenceLibrary(): Promise<ReadonlyMap<string, string>> {
  const read = await readProgramOperators([OPERATOR_LIBRARY]);
  if (read.diagnostics.length > 0) throw new DiagnosticError(read.diagnostics);
  const operators = [...read.ir].sort(([, a], [, b]) => (a.name < b.name ? -1 : 1));
  const graphs = operators.map(([operator, ir]) => operatorGraph(ir.name, operator, shapeOf(ir.name, ir.dimensions)));
  const { ir, diagnostics } = compile(graphs, read.ir, { elements: DEFAULT_ELEMENTS });
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  const sources = [...ir.library.files].filter(([path]) => !path.startsWith('lib/') && path !== 'engine.cpp');
  return new Map([
    ['operators.txt', operators.map(([, operator]) => printOperator(operator)).join('\n')],
    ...sources.map(([path, text]): [string, string] => [join('cpu', path), text]),
  ]);
}

const OTHERWISE = 256;

function shapeOf(name: string, dimensions: readonly { readonly name: string; readonly raggedOver: string | null }[]) {
  const listed = referenceShapes[name];
  if (listed) return listed;
  const [, ...features] = dimensions;
  return { dims: Object.fromEntries(features.map((dimension) => [dimension.name, OTHERWISE])) };
}
