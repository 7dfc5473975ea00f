/** The text of a stage, and the story of a compilation, for a checkpoint's folder or a file of operators. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Graph } from '../dsl/lang/graph.ts';
import { BINDINGS_FILE } from './bind/bindings.ts';
import { builtKernels, formatBuiltKernels } from './build/built-kernels.ts';
import { type Compilation, compile, type OperatorMap } from './compile.ts';
import { kernelCost } from './cost.ts';
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

export type Stage = 'read' | 'trace' | 'shard' | 'bind' | 'lower' | 'plan' | 'render' | 'bindings';

export interface EmitOptions extends ModelOptions {
  /** Feature dimensions of an operator file. */
  readonly dims?: Readonly<Record<string, number>>;
  readonly attrs?: Readonly<Record<string, number>>;
}

/** Throws an error with a mend for a source that does not compile. */
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

/** The generated files by path, without the libraries that every engine shares. */
export async function generateSources(source: string, options: EmitOptions = {}): Promise<ReadonlyMap<string, string>> {
  const { library } = await compileSource(source, options);
  return new Map([...library.files].filter(([path]) => !path.startsWith('lib/') && path !== 'engine.cpp'));
}

/**
 * For each kernel: where it runs, what joined it, what it moves and computes; then what did not fuse, and why. Of a folder that
 * holds a built CUDA library: the registers, shared memory and occupancy of each kernel.
 */
export async function explain(source: string, options: EmitOptions = {}): Promise<string> {
  const built = existsSync(join(source, 'manifest.json')) ? builtKernels(source) : [];
  if (built.length > 0) return formatBuiltKernels(built);
  const { units } = await compileSource(source, options);
  return units
    .map(({ program, lowered }) => {
      const kernels = new Map<string, { places: string[]; text: string }>();
      for (const kernel of lowered.kernels) {
        const cost = kernelCost(kernel, program);
        const lines = [
          `${kernel.name} (${kernel.kind})`,
          `  computes ${kernel.anchors.join(', ')}`,
          `  moves ${bytes(cost.fixedBytes)} of weights and ${bytes(cost.bytesPerRow)} a row; ${count(cost.flopsPerRow)} operations a row${kernel.kind === 'attend' ? ' and key' : ''}`,
        ];
        const known = kernels.get(lines.join('\n')) ?? { places: [], text: lines.join('\n') };
        if (kernel.label) known.places.push(kernel.label);
        kernels.set(known.text, known);
      }
      const told = [...kernels.values()].map(
        ({ text, places }) => `${text}${places.length > 0 ? `\n  runs in ${abridged(places)}` : ''}`,
      );
      const blocked = new Set(
        lowered.notes
          .filter((note) => !note.fused)
          .map((note) => `  ${note.producer} -> ${note.consumer}: ${note.reason}`),
      );
      const fused = new Set(
        lowered.notes
          .filter((note) => note.fused)
          .map((note) => `  ${note.producer} -> ${note.consumer}: ${note.reason}`),
      );
      return [
        `program ${program.name}: ${lowered.kernels.length} launches`,
        ...told,
        'fused:',
        ...fused,
        'not fused:',
        ...blocked,
        '',
      ].join('\n');
    })
    .join('\n');
}

function abridged(places: readonly string[]): string {
  return places.length <= 3 ? places.join(', ') : `${places.slice(0, 2).join(', ')} and ${places.length - 2} more`;
}

function bytes(size: number): string {
  return size < 10_000
    ? `${size} B`
    : size < 10_000_000
      ? `${(size / 1e3).toFixed(0)} kB`
      : `${(size / 1e6).toFixed(1)} MB`;
}

function count(number: number): string {
  return number < 10_000 ? `${number}` : `${(number / 1e6).toFixed(2)} M`;
}

async function compileSource(source: string, options: EmitOptions): Promise<Compilation> {
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
  if (statSync(path).isDirectory()) {
    const { graph, model, modules } = await modelGraph(readConfigText(path), options.model);
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
