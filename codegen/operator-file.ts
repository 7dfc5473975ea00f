/** A user's file of operators: read, made into a program each, and built into one library with its typed bindings. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { dimensionNames } from '../dsl/lang/declare.ts';
import type { Graph } from '../dsl/lang/graph.ts';
import type { Operator } from '../dsl/lang/operator.ts';
import { build } from './build/build.ts';
import { copyEngine } from './build/copy-engine.ts';
import { compile, type OperatorMap } from './compile.ts';
import { CompileError, DiagnosticError } from './errors.ts';
import type { OperatorIr } from './ir/operator.ts';
import { type BuiltEngine, compileSettings, generating, type ModelOptions } from './model.ts';
import { type OperatorShape, operatorGraph } from './operator-graph.ts';
import { readProgramOperators } from './read/program-operators.ts';

/** The shape is one for all operators of the file: each takes the dimensions and attributes that it declares. */
export interface OperatorFileOptions extends Omit<ModelOptions, 'model'>, Partial<OperatorShape> {}

export interface OperatorFile {
  /** Those that the file declares and exports itself. */
  readonly own: readonly (readonly [Operator, OperatorIr])[];
  /** With those it imports. */
  readonly all: OperatorMap;
}

/**
 * A library of the file's operators, each a program of its own name: sources, manifest and `bindings.ts` in a folder of the
 * cache, or in `out`.
 *
 * @throws CompileError `file-missing`, `no-operators`, `dimension-needed`, `attribute-needed`, `compiler-missing`, `build-failed`, `disk`,
 * `option-invalid` for an `out` that holds something else, and for a dimension or an attribute that no operator has; the signal's reason.
 * @throws DiagnosticError for operators that do not compile.
 */
export async function compileOperatorFile(source: string, options: OperatorFileOptions = {}): Promise<BuiltEngine> {
  options.onProgress?.(generating(options));
  const file = await readOperatorFile(source);
  const graphs = operatorGraphs(source, file, { dims: options.dims ?? {}, attrs: options.attrs ?? {} });
  const { ir, diagnostics } = compile(graphs, file.all, compileSettings(options, null));
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  const built = await build(ir.library, {
    onSource: (path, done, total) => options.onProgress?.(`compiled ${path} (${done} of ${total})`),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (!built.ok) throw new CompileError('build-failed', built.message, built.mend);
  const { directory, compiled } = built;
  if (options.out === undefined) return { directory, compiled };
  return { directory: await copyEngine(directory, options.out), compiled };
}

export async function readOperatorFile(source: string): Promise<OperatorFile> {
  const path = resolve(source);
  if (!existsSync(path) || !statSync(path).isFile())
    throw new CompileError(
      'file-missing',
      `there is no file ${source}.`,
      'Give a TypeScript file that exports operators.',
    );
  const read = await readProgramOperators([path]);
  if (read.diagnostics.length > 0) throw new DiagnosticError(read.diagnostics);
  const own = [...read.ir].filter(([, ir]) => ir.file === path);
  if (own.length === 0)
    throw new CompileError(
      'no-operators',
      `${source} exports no operator.`,
      'Export one: export const name = op({ … }).',
    );
  return { own, all: read.ir };
}

/** A graph of one call for each operator of the file. */
export function operatorGraphs(source: string, { own }: OperatorFile, shape: OperatorShape): readonly Graph[] {
  const specs = own.map(([operator]) => operator.spec);
  const dimensions = specs.flatMap((spec) => dimensionNames(spec.dims));
  const attributes = specs.flatMap((spec) => Object.keys(spec.attrs ?? {}));
  requireKnown(source, 'dimension', dimensions, Object.keys(shape.dims));
  requireKnown(source, 'attribute', attributes, Object.keys(shape.attrs ?? {}));
  return own.map(([operator, ir]) => operatorGraph(ir.name, operator, shapeFor(operator, shape)));
}

/** Of a shape for the whole file, what one operator declares. */
function shapeFor({ spec }: Operator, { dims, attrs = {} }: OperatorShape): OperatorShape {
  const only = (values: Readonly<Record<string, number>>, names: readonly string[]): Readonly<Record<string, number>> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
  return { dims: only(dims, dimensionNames(spec.dims)), attrs: only(attrs, Object.keys(spec.attrs ?? {})) };
}

function requireKnown(source: string, what: string, declared: readonly string[], given: readonly string[]): void {
  const unknown = given.filter((name) => !declared.includes(name));
  if (unknown.length === 0) return;
  const known = [...new Set(declared)];
  throw new CompileError(
    `${what}-unknown`,
    `no operator of ${source} has the ${what} ${unknown.join(', ')}.`,
    known.length === 0 ? 'Leave it out.' : `Use ${known.join(', ')}.`,
  );
}
