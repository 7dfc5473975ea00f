/**
 * The compiler, top to bottom: a traced graph and the modules that its operators come from, to a built library.
 *
 *     read     TypeScript source -> typed tensor expressions      ranges   every index lies in its tensor
 *     shard    collectives of a rank's graph                      bind     graph + operators -> program
 *     lower    program -> fused kernels                           plan     one arena
 *     render   kernels -> C++, host program, manifest             bindings operators -> typed TypeScript
 *     build    g++ -> one library, through the cache
 */
import type { Graph } from '../dsl/lang/graph.ts';
import type { Operator } from '../dsl/lang/operator.ts';
import { BINDINGS_FILE, bindingsText } from './bind/bindings.ts';
import { bindingSubject } from './bind/subject.ts';
import { type BuildProgress, type BuildResult, build } from './build/build.ts';
import { findCompilers } from './build/compilers.ts';
import { DEFAULT_ARCHITECTURES } from './build/nvcc.ts';
import type { Diagnostic, PassResult } from './ir/diagnostic.ts';
import type { OperatorIr } from './ir/operator.ts';
import type { ElementBinding, Program } from './ir/program.ts';
import { verifyKernels } from './ir/verify-kernels.ts';
import { verifyPlan } from './ir/verify-plan.ts';
import { verifyProgram } from './ir/verify-program.ts';
import { lower } from './lower/lower.ts';
import type { ManifestModel } from './manifest.ts';
import { plan } from './plan/plan.ts';
import { readProgramOperators } from './read/program-operators.ts';
import { checkRanges } from './read/ranges.ts';
import { renderLibrary } from './render/cpu/library.ts';
import { renderCudaLibrary } from './render/cuda/library.ts';
import type { LibraryOptions, LoweredUnit, RenderedLibrary } from './render/library.ts';
import { placeCollectives } from './shard/collectives.ts';
import { bind } from './trace/bind.ts';

export interface CompileOptions {
  readonly elements: ElementBinding;
  /** Positions in a block of the paged cache: 16, 32 or 64. */
  readonly blockSize?: number;
  /** False keeps every definition a kernel of its own. */
  readonly fuse?: boolean;
  readonly model?: ManifestModel | null;
  /** Checks every access on the device. */
  readonly checked?: boolean;
  readonly target?: Target;
  /** Of GPUs that a CUDA library holds code for, such as `sm_90a`. */
  readonly architectures?: readonly string[];
}

export type Target = 'cpu' | 'cuda';

export type OperatorMap = ReadonlyMap<Operator, OperatorIr>;

/** What each stage made of one graph, for `--emit` and `explain`. */
export interface CompiledUnit {
  readonly program: Program;
  readonly lowered: ReturnType<typeof lower>['ir'];
  readonly plan: ReturnType<typeof plan>;
}

export interface Compilation {
  readonly units: readonly CompiledUnit[];
  readonly library: RenderedLibrary;
}

/** Activations, weights and cache in bfloat16. */
export const DEFAULT_ELEMENTS: ElementBinding = { act: 'bf16', weight: 'bf16', cache: 'bf16' };
/** Positions in a block of the paged cache. */
export const DEFAULT_BLOCK_SIZE = 64;

/**
 * Graphs to the text of a library. With diagnostics, which are all that is wrong with the operators, the library is not to be built.
 *
 * @throws CompileError `name-taken` for a program of operators with two tensors of one name.
 */
export function compile(
  graphs: readonly Graph[],
  operators: OperatorMap,
  options: CompileOptions,
): PassResult<Compilation> {
  const called = new Set(graphs.flatMap((graph) => graph.calls.map((call) => call.operator)));
  const diagnostics: Diagnostic[] = [...operators].flatMap(([operator, ir]) =>
    called.has(operator) ? checkRanges(ir).diagnostics : [],
  );
  if (diagnostics.length > 0) return { ir: { units: [], library: render([], options) }, diagnostics };
  const units = graphs.map((graph): CompiledUnit => {
    const sharded = placeCollectives(graph, operators);
    diagnostics.push(...sharded.diagnostics);
    const program = bind(sharded.ir, operators, options.elements);
    hold('bind', program, verifyProgram(program));
    const lowered = lower(program, { fuse: options.fuse ?? true });
    diagnostics.push(...lowered.diagnostics);
    const { kernels } = lowered.ir;
    const planned = plan(program, kernels);
    if (lowered.diagnostics.length === 0) {
      hold('lower', program, verifyKernels(program, kernels));
      hold('plan', program, verifyPlan(program, kernels, planned));
    }
    return { program, lowered: lowered.ir, plan: planned };
  });
  const library = render(
    diagnostics.length > 0
      ? []
      : units.map((unit) => ({ program: unit.program, kernels: unit.lowered.kernels, plan: unit.plan })),
    options,
  );
  const isOperatorLibrary = diagnostics.length === 0 && library.manifest.model === null;
  return {
    ir: { units, library: isOperatorLibrary ? withBindings(library, graphs, operators) : library },
    diagnostics,
  };
}

/** What a stage leaves broken is a bug of the compiler, whatever was written. */
function hold(stage: string, program: Program, broken: readonly string[]): void {
  if (broken.length > 0) throw new Error(`${stage} broke the program ${program.name}:\n  ${broken.join('\n  ')}`);
}

function withBindings(library: RenderedLibrary, graphs: readonly Graph[], operators: OperatorMap): RenderedLibrary {
  const subjects = library.manifest.programs.flatMap((program, place) => {
    const graph = graphs[place];
    return graph ? [bindingSubject(graph, program, operators)] : [];
  });
  return { ...library, files: new Map([...library.files, [BINDINGS_FILE, bindingsText(subjects)]]) };
}

function render(units: readonly LoweredUnit[], options: CompileOptions): RenderedLibrary {
  const { target, architectures } = machineOf(options);
  const settings: LibraryOptions = {
    elements: options.elements,
    blockSize: options.blockSize ?? DEFAULT_BLOCK_SIZE,
    model: options.model ?? null,
    checked: options.checked ?? false,
    architectures,
  };
  return target === 'cuda' ? renderCudaLibrary(units, settings) : renderLibrary(units, settings);
}

function machineOf({ target = 'cpu', architectures = DEFAULT_ARCHITECTURES }: CompileOptions) {
  return { target, architectures: target === 'cuda' ? architectures : [] };
}

export type CompileResult = BuildResult | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads the modules, compiles the graphs and builds them: a folder of the cache, or diagnostics, or what a compiler refused, as values.
 *
 * @throws CompileError `module-not-loaded`, `disk`; the signal's reason.
 */
export async function compileAndBuild(
  graphs: readonly Graph[],
  modules: readonly string[],
  options: CompileOptions,
  progress: BuildProgress = {},
): Promise<CompileResult> {
  // They take as long to say who they are as a model takes to read.
  const { target, architectures } = machineOf(options);
  const compilers = findCompilers(target, architectures);
  const read = await readProgramOperators(modules);
  if (read.diagnostics.length > 0) return { ok: false, diagnostics: read.diagnostics };
  const compiled = compile(graphs, read.ir, options);
  if (compiled.diagnostics.length > 0) return { ok: false, diagnostics: compiled.diagnostics };
  return build(compiled.ir.library, progress, compilers);
}
