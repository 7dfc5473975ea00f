/** Chains of operators as they stand in a model, with calls for each. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '../../../dsl/lang/batch.ts';
import type { Graph } from '../../../dsl/lang/graph.ts';
import type { FloatType, StorageType } from '../../../dsl/lang/rounding.ts';
import type { SymbolicTensor } from '../../../dsl/lang/symbolic.ts';
import { type GraphBuilder, trace } from '../../../dsl/lang/trace.ts';
import { parseConfig } from '../../../dsl/models/config.ts';
import type { RopeOperator } from '../../../dsl/models/index.ts';
import { sampleTokens } from '../../../dsl/models/sampler.ts';
import { headNorm, linear, rope, siluMul, splitHeads, storeKv } from '../../../dsl/ops/index.ts';
import { drawBatch } from '../../../verify/operator-draws.ts';
import { Random } from '../../../verify/random.ts';
import { rounded } from '../../../verify/tensors.ts';
import type { GraphCall } from '../../support/graph-library.ts';
import { tinyModel } from '../../support/tiny-model.ts';
import type { UserFolder } from '../../support/user-folder.ts';
import { importUser } from '../../support/user-sources.ts';

export interface Chain {
  readonly graph: Graph;
  readonly calls: (element: FloatType) => readonly GraphCall[];
}

const HQ = 9;
const HK = 3;
const D = 20;
const F = D / 2;
const H = 72;
const N = 40;
const V = 2048;
const blockSize = 64;

export async function chains(folder: UserFolder): Promise<readonly Chain[]> {
  const { interleavedRope } = await importUser(folder.file('interleaved-rope.ts'));
  const maps = (await importUser(folder.file('five-maps.ts'))) as Readonly<Record<string, MapOperator>>;
  return [
    { graph: headsGraph('heads', rope), calls: headsCalls },
    { graph: headsGraph('interleavedHeads', interleavedRope as RopeOperator), calls: headsCalls },
    { graph: mlpGraph(), calls: mlpCalls },
    { graph: mapsGraph(maps), calls: mapsCalls },
    { graph: samplerGraph(), calls: samplerCalls },
  ];
}

type MapOperator = (inputs: Readonly<Record<string, SymbolicTensor>>) => { readonly y: SymbolicTensor };

/** From a merged projection to rotated queries and the cache: q and k normed by head, turned, k and v stored. */
function headsGraph(name: string, rotate: RopeOperator): Graph {
  return trace(name, (graph) => {
    const { q, k, v } = splitHeads({ qkv: graph.input('qkv', 'act', ['T', HQ + 2 * HK, D]) }, {}, { dims: { HQ, HK } });
    const rotation = { cosine: graph.input('cosine', 'f32', ['T', F]), sine: graph.input('sine', 'f32', ['T', F]) };
    const ready = (x: SymbolicTensor, weight: string) => {
      const { y } = headNorm({ x, weight: vector(graph, weight, D) }, { eps: 1e-6 });
      return rotate({ x: y, ...rotation }).y;
    };
    const query = ready(q, 'qNorm');
    storeKv({ k: ready(k, 'kNorm'), v, kv: graph.paged('cache', { k: [HK, D], v: [HK, D] }) });
    return { query };
  });
}

function headsCalls(element: FloatType): readonly GraphCall[] {
  return [
    [{ tokens: 1, cached: 0 }],
    [
      { tokens: 5, cached: 62 },
      { tokens: 1, cached: 130 },
      { tokens: 0, cached: 3 },
      { tokens: 33, cached: 0 },
    ],
    [
      { tokens: 4, cached: 0 },
      { tokens: 9, cached: 7 },
    ],
  ].map((sequences, seed) => {
    const random = new Random(seed);
    const batch: Batch = drawBatch(sequences, blockSize, seed === 2, random);
    const T = batch.cuSeqlens.at(-1) ?? 0;
    const slots = blockSize * (1 + Math.max(...(batch.blockTable ?? []).flat()));
    const angles = Array.from({ length: T * F }, () => 6 * random.uniform());
    return {
      counts: { T },
      batch,
      values: {
        qkv: draw(random, element, T * (HQ + 2 * HK) * D),
        cosine: rounded('f32', angles.map(Math.cos)),
        sine: rounded('f32', angles.map(Math.sin)),
        cache: { fields: { k: draw(random, element, slots * HK * D), v: draw(random, element, slots * HK * D) } },
      },
      checkpoint: { qNorm: draw(random, element, D), kNorm: draw(random, element, D) },
    };
  });
}

/** down(silu(gate(x)) * up(x)). */
function mlpGraph(): Graph {
  return trace('mlp', (graph) => {
    const x = graph.input('x', 'act', ['T', H]);
    const { y } = siluMul({ x: linear({ x, weight: matrix(graph, 'gateUp', 2 * N, H) }).y });
    return { y: linear({ x: y, weight: matrix(graph, 'down', H, N) }).y };
  });
}

function mlpCalls(element: FloatType): readonly GraphCall[] {
  return [1, 2, 7, 33].map((T, seed) => {
    const random = new Random(seed);
    return {
      counts: { T },
      values: { x: draw(random, element, T * H) },
      checkpoint: { gateUp: draw(random, element, 2 * N * H), down: draw(random, element, H * N) },
    };
  });
}

function mapsGraph({ scaled, bent, capped, squashed, added }: Readonly<Record<string, MapOperator>>): Graph {
  if (!scaled || !bent || !capped || !squashed || !added) throw new Error('five maps');
  return trace('maps', (graph) => {
    const x = graph.input('x', 'act', ['T', H]);
    const first = scaled({ x, gain: vector(graph, 'gain', H) }).y;
    const last = squashed({ x: capped({ x: bent({ x: first }).y }).y }).y;
    return { y: added({ x: last, other: graph.input('other', 'act', ['T', H]) }).y };
  });
}

function mapsCalls(element: FloatType): readonly GraphCall[] {
  return [0, 1, 9].map((T, seed) => {
    const random = new Random(seed);
    const values = { x: draw(random, element, T * H), other: draw(random, element, T * H) };
    return { counts: { T }, values, checkpoint: { gain: draw(random, element, H) } };
  });
}

/** The sampler of the embedded model, from logits on. */
function samplerGraph(): Graph {
  const parsed = parseConfig(JSON.parse(readFileSync(join(tinyModel, 'config.json'), 'utf8')));
  if (!parsed.ok) throw new Error('the embedded config is valid');
  const { config } = parsed;
  return trace('sampler', (graph) => {
    const { logits: _, ...results } = sampleTokens(
      { graph, config, shard: { rank: 0, size: 1 } },
      graph.input('logits', 'f32', ['R', V]),
      graph.state('lastTokens', 'i32', ['S']),
    );
    return results;
  });
}

function samplerCalls(): readonly GraphCall[] {
  const R = 6;
  const S = 8;
  const random = new Random(5);
  const each = (values: readonly number[]) => Float64Array.from(values, Math.fround);
  const counts = () => Int32Array.from({ length: S * V }, () => random.integer(0, 3));
  return [
    {
      counts: { R, S },
      values: {
        logits: rounded(
          'f32',
          Array.from({ length: R * V }, () => 3 * random.normal()),
        ),
        temperature: each([0, 0.01, 0.7, 1, 10, 1]),
        topK: Int32Array.of(0, 0, 40, 1, V, 5),
        topP: each([1, 1, 0.9, 1, 0.99, 0.5]),
        minP: each([0, 0, 0, 0.1, 0.01, 0.05]),
        repetitionPenalty: each([1, 1.3, 1, 0.8, 1, 1.1]),
        presencePenalty: each([0, 0.5, 0, 0, 0, -1]),
        frequencyPenalty: each([0, 0.25, 0, 0, 0, 1]),
        seed: Int32Array.of(1, 2, 3, 4, 5, -6),
        position: Int32Array.of(0, 1, 511, 3, 4, 70000),
        stateRow: Int32Array.of(7, 0, 1, 2, 3, 4),
        usePenalties: Int32Array.of(0, 1, 0, 1, 0, 1),
        keptRow: Int32Array.of(7, -1, 1, 2, 3, 4),
        targets: Int32Array.of(-1, 5, -1, -1, 2047, -1),
        promptSeen: Int32Array.from({ length: S * V }, () => random.integer(0, 2)),
        outputCounts: counts(),
        lastTokens: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
        logitBias: rounded(
          'f32',
          Array.from({ length: S * V }, () => random.normal()),
        ),
      },
    },
  ];
}

function draw(random: Random, storage: StorageType, length: number): Float64Array {
  return rounded(
    storage,
    Array.from({ length }, () => random.normal()),
  );
}

function matrix(graph: GraphBuilder, name: string, rows: number, columns: number): SymbolicTensor {
  const segment = { tensor: name, rowStart: 0, rows, columnStart: 0, columns, totalRows: rows, totalColumns: columns };
  return graph.checkpoint(name, 'weight', [rows, columns], [segment]);
}

function vector(graph: GraphBuilder, name: string, size: number): SymbolicTensor {
  const segment = {
    tensor: name,
    rowStart: 0,
    rows: size,
    columnStart: 0,
    columns: 1,
    totalRows: size,
    totalColumns: 1,
  };
  return graph.checkpoint(name, 'weight', [size], [segment]);
}
