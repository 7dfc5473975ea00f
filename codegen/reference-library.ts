/** The operator library at its reference shapes, as it is committed in `generated/`: what a change of the compiler changed. */
import { join } from 'node:path';
import { referenceShapes } from '../dsl/ops/reference-shapes.ts';
import { BINDINGS_FILE } from './bind/bindings.ts';
import { type Compilation, compile, DEFAULT_ELEMENTS, type OperatorMap, type Target } from './compile.ts';
import { OPERATOR_LIBRARY } from './emit.ts';
import { DiagnosticError } from './errors.ts';
import { printOperator } from './ir/print-operator.ts';
import { operatorGraph } from './operator-graph.ts';
import { readProgramOperators } from './read/program-operators.ts';

/**
 * Paths below `generated/` to text: the operators' IR, and the sources of each target.
 *
 * @throws DiagnosticError for an operator of the library that does not compile.
 */
export async function referenceLibrary(): Promise<ReadonlyMap<string, string>> {
  const operators = await readOperators();
  return new Map([
    ['operators.txt', [...operators.values()].map(printOperator).join('\n')],
    ...sourcesOf('cpu', compileReference(operators, 'cpu')),
    ...sourcesOf('cuda', compileReference(operators, 'cuda')),
  ]);
}

/** The operator library at its reference shapes, to be built. */
export async function compileReferenceLibrary(target: Target): Promise<Compilation> {
  return compileReference(await readOperators(), target);
}

/** By name. */
async function readOperators(): Promise<OperatorMap> {
  const { ir, diagnostics } = await readProgramOperators([OPERATOR_LIBRARY]);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  return new Map([...ir].sort(([, a], [, b]) => (a.name < b.name ? -1 : 1)));
}

function compileReference(operators: OperatorMap, target: Target): Compilation {
  const graphs = [...operators].map(([operator, ir]) =>
    operatorGraph(ir.name, operator, shapeOf(ir.name, ir.dimensions)),
  );
  const { ir, diagnostics } = compile(graphs, operators, { elements: DEFAULT_ELEMENTS, target });
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  return ir;
}

/** Without what is copied into every library as it is, and what the targets have in common. */
const COMMON = /^lib\/|^engine\.cpp$|^cubins\.cpp$/;

function sourcesOf(target: Target, { library }: Compilation): readonly (readonly [string, string])[] {
  return [...library.files]
    .filter(([path]) => !COMMON.test(path) && !(target === 'cuda' && path === BINDINGS_FILE))
    .map(([path, text]) => [join(target, path), text] as const);
}

const OTHERWISE = 256;

function shapeOf(name: string, dimensions: readonly { readonly name: string; readonly raggedOver: string | null }[]) {
  const listed = referenceShapes[name];
  if (listed) return listed;
  const [, ...features] = dimensions;
  return { dims: Object.fromEntries(features.map((dimension) => [dimension.name, OTHERWISE])) };
}
