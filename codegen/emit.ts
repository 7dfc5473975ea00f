/** The text of a stage, for a checkpoint's folder or a file of operators. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Graph } from '../dsl/lang/graph.ts';
import { BINDINGS_FILE } from './bind/bindings.ts';
import { type Compilation, compile, type OperatorMap } from './compile.ts';
import { CompileError, DiagnosticError } from './errors.ts';
import type { Diagnostic } from './ir/diagnostic.ts';
import type { OperatorIr } from './ir/operator.ts';
import { printGraph, printShard } from './ir/print-graph.ts';
import { printKernels } from './ir/print-kernel.ts';
import { printOperator } from './ir/print-operator.ts';
import { printPlan } from './ir/print-plan.ts';
import { printProgram } from './ir/print-program.ts';
import type { ManifestModel } from './manifest.ts';
import { compileSettings, type ModelOptions, modelGraph, readConfigText } from './model.ts';
import { operatorGraphs, readOperatorFile } from './operator-file.ts';
import { readProgramOperators } from './read/program-operators.ts';

/** A stage of the compiler whose result can be printed. */
export type Stage = 'read' | 'trace' | 'shard' | 'bind' | 'lower' | 'plan' | 'render' | 'bindings';

/** What a source is compiled with; dimensions and attributes belong to a file of operators. */
export interface EmitOptions extends ModelOptions {
  /** Feature dimensions of an operator file, in elements; those left out are counts. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Attributes of an operator file, in the units that it gives them (an epsilon, a factor). */
  readonly attrs?: Readonly<Record<string, number>>;
}

/**
 * The text of a stage, for a checkpoint's folder or a file of operators.
 *
 * @throws CompileError `file-missing`, `config-invalid`, `model-unsupported`, `no-operators`, `dimension-needed`, `attribute-needed`.
 * @throws DiagnosticError for operators that do not compile.
 */
export async function emitStage(source: string, stage: Stage, options: EmitOptions = {}): Promise<string> {
  if (stage === 'read') {
    const { operators } = await readSource(source, options);
    return operators.map(printOperator).join('\n');
  }
  if (stage === 'trace' || stage === 'shard') {
    const { graphs, operatorMap } = await readSource(source, options, true);
    const print = stage === 'trace' ? printGraph : printShard;
    return graphs.map((graph) => print(graph, operatorMap)).join('\n');
  }
  const { units, library } = await compileSource(source, options);
  switch (stage) {
    case 'bind':
      return units.map((unit) => printProgram(unit.program)).join('\n');
    case 'lower':
      return units.map((unit) => printKernels(unit.lowered.kernels)).join('\n');
    case 'plan':
      return units.map((unit) => printPlan(unit.plan, unit.program)).join('\n');
    case 'bindings':
      return library.files.get(BINDINGS_FILE) ?? '';
    case 'render':
      return library.sources.map((path) => `// ${path}\n${library.files.get(path) ?? ''}`).join('\n');
  }
}

/**
 * The generated files, path to text, without the libraries that every engine shares.
 *
 * @throws CompileError and DiagnosticError as `emitStage` does.
 */
export async function generateSources(source: string, options: EmitOptions = {}): Promise<ReadonlyMap<string, string>> {
  const { library } = await compileSource(source, options);
  return new Map([...library.files].filter(([path]) => !path.startsWith('lib/') && path !== 'engine.cpp'));
}

/** A source through all passes but the build. Throws an error with a mend for one that does not compile. */
export async function compileSource(source: string, options: EmitOptions): Promise<Compilation> {
  const { graphs, operatorMap, model } = await readSource(source, options, true);
  const { ir, diagnostics } = compile(graphs, operatorMap, compileSettings(options, model));
  refuse(diagnostics);
  return ir;
}

interface ReadSource {
  readonly graphs: readonly Graph[];
  readonly operators: readonly OperatorIr[];
  readonly operatorMap: OperatorMap;
  readonly model: ManifestModel | null;
}

async function readSource(source: string, options: EmitOptions, withGraphs = false): Promise<ReadSource> {
  const path = resolve(source);
  if (!existsSync(path))
    throw new CompileError(
      'file-missing',
      `there is no ${source}.`,
      'Give a checkpoint directory, or a TypeScript file that exports operators.',
    );
  if (options.config !== undefined || statSync(path).isDirectory()) {
    const { graph, model, modules } = await modelGraph(options.config ?? readConfigText(path), options.model);
    const read = await readProgramOperators(modules);
    refuse(read.diagnostics);
    const called = new Set(graph.calls.map((call) => call.operator));
    return {
      graphs: [graph],
      operators: [...read.ir].filter(([operator]) => called.has(operator)).map(([, ir]) => ir),
      operatorMap: read.ir,
      model,
    };
  }
  const file = await readOperatorFile(source);
  const shape = { dims: options.dims ?? {}, attrs: options.attrs ?? {} };
  const graphs = withGraphs ? operatorGraphs(source, file, shape) : [];
  return { graphs, operators: file.own.map(([, ir]) => ir), operatorMap: file.all, model: null };
}

function refuse(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
}

/** The operator library of this package, as a module to read. */
export const OPERATOR_LIBRARY = join(fileURLToPath(new URL('../', import.meta.url)), 'dsl/ops/index.ts');
