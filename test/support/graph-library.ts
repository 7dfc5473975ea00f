/** Whole graphs as programs of one built library: run them on the same values as the oracle, fused or not, and count launches. */
import { build } from '../../codegen/build/build.ts';
import { type CompileOptions, compile } from '../../codegen/compile.ts';
import { formatDiagnostics } from '../../codegen/diagnostics/format.ts';
import type { ManifestKernel } from '../../codegen/manifest.ts';
import { readProgramOperators } from '../../codegen/read/program-operators.ts';
import type { Batch } from '../../dsl/lang/batch.ts';
import type { Graph, GraphValue, WeightSegment } from '../../dsl/lang/graph.ts';
import type { FloatType, StorageType } from '../../dsl/lang/rounding.ts';
import type { Value } from '../../dsl/lang/values.ts';
import { type NativeLibrary, openLibrary } from '../../runtime/native.ts';
import { Program, type TensorData } from '../../runtime/program.ts';
import { libraryModule } from '../../verify/build-cases.ts';
import { elementsOf, raggedBatch } from '../../verify/operator-library.ts';
import { fromPages, fromStorage, poisoned, product, slotsOf, toPages, toStorage } from '../../verify/tensors.ts';

export interface GraphCall {
  /** Every count but B, which the batch gives. */
  readonly counts: Readonly<Record<string, number>>;
  /** Inputs and states by name, and weights that are given in one piece. */
  readonly values: Readonly<Record<string, Value>>;
  /** Tensors of the checkpoint, whole and row-major. */
  readonly checkpoint?: Readonly<Record<string, ArrayLike<number>>>;
  readonly batch?: Batch;
}

export interface GraphRun {
  readonly results: Readonly<Record<string, Float64Array | Int32Array>>;
  readonly states: Readonly<Record<string, Value>>;
  /** The same as stored, for comparisons bit by bit. */
  readonly bits: Readonly<Record<string, TensorData>>;
  /** Kernels that ran, as the library counted them, and what the manifest says of each. */
  readonly launches: number;
  readonly kernels: readonly ManifestKernel[];
}

export interface GraphLibraryOptions extends Pick<CompileOptions, 'target' | 'architectures'> {
  readonly element: FloatType;
  readonly blockSize?: number;
  readonly fuse?: boolean;
  /** Files whose operators the graphs call, beside the library's own. */
  readonly modules?: readonly string[];
}

export class GraphLibrary {
  readonly #library: NativeLibrary;
  readonly #graphs: readonly Graph[];
  readonly #element: FloatType;
  readonly #blockSize: number;

  /** `library` has the graphs as programs of their names. */
  constructor(library: NativeLibrary, graphs: readonly Graph[], element: FloatType, blockSize: number) {
    this.#library = library;
    this.#graphs = graphs;
    this.#element = element;
    this.#blockSize = blockSize;
  }

  /** One call of the compiler for all graphs; throws with the diagnostics where one cannot be compiled. */
  static async build(graphs: readonly Graph[], options: GraphLibraryOptions): Promise<GraphLibrary> {
    const { element, blockSize = 64, fuse = true, modules = [], ...target } = options;
    const operators = await readProgramOperators([libraryModule, ...modules]);
    if (operators.diagnostics.length > 0) throw new Error(formatDiagnostics(operators.diagnostics));
    const compiled = compile(graphs, operators.ir, {
      elements: elementsOf(element),
      blockSize,
      fuse,
      ...target,
    });
    if (compiled.diagnostics.length > 0) throw new Error(formatDiagnostics(compiled.diagnostics));
    const built = await build(compiled.ir.library);
    if (!built.ok) throw new Error(built.message);
    return new GraphLibrary(openLibrary(built.directory), graphs, element, blockSize);
  }

  /** One launch. Results are poisoned before, states are copies of what is given. */
  run(name: string, call: GraphCall, threads = 1): GraphRun {
    const graph = this.#graph(name);
    const batch = raggedBatch(
      call.batch,
      graph.values.some(({ paged }) => paged !== null),
    );
    const counts = { ...call.counts, B: batch.contextLens.length };
    const program = new Program(this.#library, name, {
      threads,
      capacities: counts,
      blocksPerSequence: batch.contextLens.length === 0 ? 0 : batch.blockTable.length / batch.contextLens.length,
      numBlocks: this.#numBlocks(graph, call),
    });
    try {
      const bound = new Map<string, TensorData>();
      for (const value of graph.values) {
        const data = this.#source(value, call);
        if (data && 'name' in value.source) bound.set(value.source.name, data);
      }
      const results = Object.entries(graph.results).flatMap(([result, id]) => {
        const value = graph.values[id];
        return value && value.paged === null ? [[result, value] as const] : [];
      });
      for (const [result, value] of results) {
        if (bound.has(result)) continue;
        const shape = value.shape.map((extent) => (typeof extent === 'number' ? extent : (counts[extent as 'B'] ?? 0)));
        bound.set(result, poisoned(this.#storage(value), product(shape)));
      }
      // What nothing reads is no tensor of the program.
      const names = new Set([
        ...program.manifest.values.map((value) => value.name),
        ...Object.keys(program.manifest.results),
      ]);
      program.bind(Object.fromEntries([...bound].filter(([given]) => names.has(given))));
      const before = program.native.stats().launches;
      program.launch(counts, batch);
      const bits = Object.fromEntries(results.map(([result]) => [result, bound.get(result) ?? new Int32Array()]));
      return {
        results: Object.fromEntries(
          results.map(([result, value]) => [
            result,
            fromStorage(this.#storage(value), bits[result] ?? new Int32Array()),
          ]),
        ),
        states: this.#states(graph, call, bound),
        bits: {
          ...bits,
          ...Object.fromEntries(
            statesOf(graph).map(({ name: state }) => [state, bound.get(state) ?? new Int32Array()]),
          ),
        },
        launches: program.native.stats().launches - before,
        kernels: program.manifest.kernels,
      };
    } finally {
      program.close();
    }
  }

  kernels(name: string): readonly ManifestKernel[] {
    return this.#library.manifest.programs.find((program) => program.name === name)?.kernels ?? [];
  }

  #graph(name: string): Graph {
    const graph = this.#graphs.find((candidate) => candidate.name === name);
    if (!graph) throw new Error(`there is no graph ${name}`);
    return graph;
  }

  #storage({ paged, element }: GraphValue): StorageType {
    return paged === null && (element === 'f32' || element === 'i32') ? element : this.#element;
  }

  /** The data of an input, a state or a weight; null for what the program computes, or fills itself. */
  #source(value: GraphValue, call: GraphCall): TensorData | null {
    const { source } = value;
    if (source.kind === 'checkpoint') {
      const whole = call.values[source.name];
      const weights = whole === undefined || 'fields' in whole ? slices(source.segments, call.checkpoint ?? {}) : whole;
      return toStorage(this.#storage(value), weights);
    }
    if (source.kind !== 'input' && source.kind !== 'state') return null;
    const given = call.values[source.name];
    if (given === undefined) throw new Error(`the call gives no ${source.name}`);
    if (!('fields' in given)) return toStorage(this.#storage(value), given);
    return toStorage(this.#element, toPages({ kind: 'paged', fields: value.paged ?? {} }, given, this.#blockSize));
  }

  #states(graph: Graph, call: GraphCall, bound: ReadonlyMap<string, TensorData>): Readonly<Record<string, Value>> {
    const states = statesOf(graph).map(({ name, value }): [string, Value] => {
      const numbers = fromStorage(this.#storage(value), bound.get(name) ?? new Int32Array());
      const given = call.values[name];
      if (given === undefined || !('fields' in given)) return [name, numbers];
      return [name, fromPages({ kind: 'paged', fields: value.paged ?? {} }, numbers, given, this.#blockSize)];
    });
    return Object.fromEntries(states);
  }

  #numBlocks(graph: Graph, call: GraphCall): number {
    const blocks = statesOf(graph).map(({ name, value }) => {
      const given = call.values[name];
      if (value.paged === null || given === undefined || !('fields' in given)) return 0;
      return slotsOf({ kind: 'paged', fields: value.paged }, given) / this.#blockSize;
    });
    return Math.max(0, ...blocks);
  }
}

function statesOf(graph: Graph) {
  return graph.values.flatMap((value) => (value.source.kind === 'state' ? [{ name: value.source.name, value }] : []));
}

/** The rows and columns that segments name, one after the other. */
function slices(
  segments: readonly WeightSegment[],
  checkpoint: Readonly<Record<string, ArrayLike<number>>>,
): readonly number[] {
  return segments.flatMap(({ tensor, rowStart, rows, columnStart, columns, totalRows, totalColumns }) => {
    const whole = checkpoint[tensor];
    if (whole?.length !== totalRows * totalColumns) throw new Error(`${tensor} is not [${totalRows}, ${totalColumns}]`);
    return Array.from({ length: rows * columns }, (_, place) => {
      const row = rowStart + Math.floor(place / columns);
      return whole[row * totalColumns + columnStart + (place % columns)] ?? Number.NaN;
    });
  });
}
