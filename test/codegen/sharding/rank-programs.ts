/** A program for each linear layer, each number of ranks and each rank, loaded with the rank's slices of one checkpoint. */
import { build } from '../../../codegen/build/build.ts';
import { compile } from '../../../codegen/compile.ts';
import { formatDiagnostics } from '../../../codegen/diagnostics/format.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import type { Graph } from '../../../dsl/lang/graph.ts';
import type { FloatType } from '../../../dsl/lang/rounding.ts';
import { type GraphBuilder, trace } from '../../../dsl/lang/trace.ts';
import {
  column,
  kvHeadsOf,
  type LinearShard,
  type LinearTensor,
  lmHeadShard,
  mergedColumn,
  qkv,
  replicated,
  row,
  type Shard,
  vocabEmbeddingShard,
} from '../../../dsl/models/sharding.ts';
import { linear, linearBias, lmHead, vocabEmbedding } from '../../../dsl/ops/index.ts';
import type { CheckpointWeights } from '../../../runtime/checkpoint-weights.ts';
import { loadWeights } from '../../../runtime/load-weights.ts';
import { type NativeLibrary, openLibrary } from '../../../runtime/native.ts';
import { Program } from '../../../runtime/program.ts';
import { libraryModule } from '../../../verify/build-cases.ts';
import { elementsOf } from '../../../verify/operator-library.ts';
import { Random } from '../../../verify/random.ts';
import { fromStorage, poisoned, product, toStorage } from '../../../verify/tensors.ts';
import { randomTensor, type TensorFile } from '../../support/checkpoint-files.ts';

export const sizes = [1, 2, 4, 8] as const;

/** Tokens, model width, query and kv heads and their width, feed-forward width, vocabulary; a rank's slices are no whole vectors. */
const T = 5;
const H = 40;
const HQ = 8;
const HK = 2;
const D = 6;
const N = 72;
const V = 64;

export type Kind =
  | 'replicated'
  | 'column'
  | 'columnBias'
  | 'merged'
  | 'qkv'
  | 'qkvBias'
  | 'row'
  | 'rowBias'
  | 'embedding'
  | 'lmHead';

interface Layer {
  readonly shard: (shard: Shard) => LinearShard & { readonly first?: number };
  /** Width of the input, and of the output of one rank alone. */
  readonly inputWidth: number;
  readonly outputShape: readonly number[];
  readonly collective: LinearShard['collective'];
}

const tensor = (name: string, rows: number, columns: number, bias = false): LinearTensor => ({
  name,
  rows,
  columns,
  bias,
});
const projections = (bias: boolean) => ({
  q: tensor(bias ? 'qb' : 'q', HQ * D, H, bias),
  k: tensor(bias ? 'kb' : 'k', HK * D, H, bias),
  v: tensor(bias ? 'vb' : 'v', HK * D, H, bias),
});
const gateAndUp = [tensor('gate', N, H), tensor('up', N, H)];

export const kinds: Readonly<Record<Kind, Layer>> = {
  replicated: layer((_) => replicated(tensor('gate', N, H)), H, N),
  column: layer((shard) => column(tensor('gate', N, H), shard), H, N),
  columnBias: layer((shard) => column(tensor('gateb', N, H, true), shard), H, N),
  merged: layer((shard) => mergedColumn(gateAndUp, shard), H, 2 * N),
  qkv: layer((shard) => qkv(projections(false), D, shard), H, (HQ + 2 * HK) * D),
  qkvBias: layer((shard) => qkv(projections(true), D, shard), H, (HQ + 2 * HK) * D),
  row: layer((shard) => row(tensor('down', H, N), shard), N, H, 'allReduce'),
  rowBias: layer((shard) => row(tensor('downb', H, N, true), shard), N, H, 'allReduce'),
  embedding: layer((shard) => vocabEmbeddingShard(tensor('embedding', V, H), shard), 1, H, 'allReduce'),
  lmHead: layer((shard) => lmHeadShard(tensor('embedding', V, H), shard), H, V, 'allGather'),
};

function layer(
  shard: Layer['shard'],
  inputWidth: number,
  width: number,
  collective: Layer['collective'] = 'none',
): Layer {
  return { shard, inputWidth, outputShape: [T, width], collective };
}

const random = new Random(11);
const matrices: readonly LinearTensor[] = [
  ...gateAndUp,
  tensor('gateb', N, H, true),
  ...Object.values(projections(false)),
  ...Object.values(projections(true)),
  tensor('down', H, N),
  tensor('embedding', V, H),
];
const drawn = Object.fromEntries(
  matrices.flatMap(({ name, rows, columns, bias }): [string, TensorFile][] => [
    [`${name}.weight`, randomTensor(random, [rows, columns], 0.3)],
    ...(bias ? [[`${name}.bias`, randomTensor(random, [rows], 1)] satisfies [string, TensorFile]] : []),
  ]),
);

/** `downb` is `down` with a bias, so that the one shows in the difference. */
export const checkpoint: Readonly<Record<string, TensorFile>> = {
  ...drawn,
  'downb.weight': drawn['down.weight'] ?? randomTensor(random, [H, N], 0.3),
  'downb.bias': randomTensor(random, [H], 1),
};

export class RankPrograms {
  readonly #library: NativeLibrary;
  readonly #weights: CheckpointWeights;
  readonly #element: FloatType;

  private constructor(library: NativeLibrary, weights: CheckpointWeights, element: FloatType) {
    this.#library = library;
    this.#weights = weights;
    this.#element = element;
  }

  static async build(element: FloatType, weights: CheckpointWeights): Promise<RankPrograms> {
    const graphs = Object.keys(kinds).flatMap((kind) =>
      sizes.flatMap((size) => ranksOf(size).map((rank) => graphOf(kind as Kind, { rank, size }))),
    );
    const operators = await readProgramOperators([libraryModule]);
    const compiled = compile(graphs, operators.ir, { elements: elementsOf(element) });
    if (compiled.diagnostics.length > 0) throw new Error(formatDiagnostics(compiled.diagnostics));
    const built = await build(compiled.ir.library);
    if (!built.ok) throw new Error(built.message);
    return new RankPrograms(openLibrary(built.directory), weights, element);
  }

  /** What each of `size` ranks computes of the same inputs, [T, the rank's width]; a row-parallel rank takes its columns of x. */
  outputs(kind: Kind, size: number): readonly ArrayLike<number>[] {
    return ranksOf(size).map((rank) => {
      const { shard, inputWidth, collective } = kinds[kind];
      const part = shard({ rank, size });
      if (part.collective !== (size === 1 ? 'none' : collective))
        throw new Error(`${kind} joins its ranks by ${part.collective}`);
      const width = kind === 'embedding' ? H : part.rows;
      const program = new Program(this.#library, nameOf(kind, { rank, size }), { threads: 1, capacities: { T } });
      try {
        const storage = kind === 'lmHead' ? 'f32' : this.#element;
        const y = poisoned(storage, T * width);
        loadWeights(program.native, program.manifest, this.#weights);
        program.bind({ x: this.#input(kind, inputWidth, part.columns, rank), y });
        program.launch({ T });
        return fromStorage(storage, y);
      } finally {
        program.close();
      }
    });
  }

  #input(kind: Kind, width: number, columns: number, rank: number) {
    if (kind === 'embedding') return Int32Array.of(0, V - 1, 7, 8, 33);
    const { values } = randomTensor(new Random(3), [T, width], 1);
    if (columns === width) return toStorage(this.#element, values);
    const own = Array.from(
      { length: T * columns },
      (_, i) => values[Math.floor(i / columns) * width + rank * columns + (i % columns)] ?? 0,
    );
    return toStorage(this.#element, own);
  }
}

/**
 * The ranks' outputs in one: summed, one after the other along each row, or, of what several ranks hold, each rank's own. With
 * 'whole' the parts are whole outputs, of which each rank's part is taken before they are joined in the same way.
 */
export function joined(
  kind: Kind,
  parts: readonly ArrayLike<number>[],
  size: number,
  from: 'shards' | 'whole' = 'shards',
): readonly number[] {
  if (kinds[kind].collective === 'allReduce') {
    if (from === 'whole') return Array.from(parts[0] ?? []);
    return Array.from(parts[0] ?? [], (_, i) => parts.reduce((sum, part) => sum + (part[i] ?? Number.NaN), 0));
  }
  return parts.flatMap((part, rank) => {
    if (from === 'shards') return Array.from(part);
    const width = product(kinds[kind].outputShape) / T;
    return Array.from({ length: T }, (_, t) =>
      columnsOf(kind, { rank, size }).map((c) => part[t * width + c] ?? Number.NaN),
    ).flat();
  });
}

/** Which columns of the whole output are a rank's: the meaning of each kind, written out apart from the code under test. */
function columnsOf(kind: Kind, { rank, size }: Shard): readonly number[] {
  const slice = (start: number, extent: number) =>
    Array.from({ length: extent / size }, (_, i) => start + (rank * extent) / size + i);
  const head = (start: number, index: number) => Array.from({ length: D }, (_, d) => start + index * D + d);
  switch (kind) {
    case 'replicated':
      return Array.from({ length: N }, (_, n) => n);
    case 'merged':
      return [...slice(0, N), ...slice(N, N)];
    case 'qkv':
    case 'qkvBias': {
      const kvHeads =
        size <= HK
          ? Array.from({ length: HK / size }, (_, i) => (rank * HK) / size + i)
          : [Math.floor(rank / (size / HK))];
      if (kvHeads.length !== kvHeadsOf(HK, { rank, size }).rows) throw new Error('a rank holds other kv heads');
      const keys = kvHeads.flatMap((index) => head(HQ * D, index));
      const values = kvHeads.flatMap((index) => head((HQ + HK) * D, index));
      return [...slice(0, HQ * D), ...keys, ...values];
    }
    default:
      return slice(0, product(kinds[kind].outputShape) / T);
  }
}

function ranksOf(size: number): readonly number[] {
  return Array.from({ length: size }, (_, rank) => rank);
}

function nameOf(kind: Kind, { rank, size }: Shard): string {
  return `${kind}_${rank}_of_${size}`;
}

/** The test joins the ranks, so the calls ask for no collective. */
function graphOf(kind: Kind, shard: Shard): Graph {
  const part = kinds[kind].shard(shard);
  return trace(nameOf(kind, shard), (graph) => {
    const weight = graph.checkpoint(`${kind}.weight`, 'weight', [part.rows, part.columns], part.weight);
    if (kind === 'embedding') {
      return vocabEmbedding({ ids: graph.input('x', 'i32', ['T']), table: weight }, { first: part.first ?? 0 });
    }
    const x = graph.input('x', 'act', ['T', part.columns]);
    if (kind === 'lmHead') return { y: lmHead({ x, weight }).logits };
    if (part.bias === null) return linear({ x, weight });
    return linearBias({ x, weight, bias: biasOf(graph, kind, part) });
  });
}

function biasOf(graph: GraphBuilder, kind: Kind, part: LinearShard) {
  return graph.checkpoint(`${kind}.bias`, 'weight', [part.rows], part.bias ?? []);
}
