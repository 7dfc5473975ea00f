import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  evaluateRanks,
  type Graph,
  gatedMlp,
  geluTanhMul,
  models,
  parseConfig,
  qwen3,
  type StepEvaluation,
  selfAttention,
  siluMul,
} from '../../../dsl/index.ts';
import { roundTo } from '../../../dsl/lang/rounding.ts';
import { greedyRows, randomCheckpoint } from './random-weights.ts';

function tinyConfig() {
  const parsed = parseConfig(JSON.parse(readFileSync('models/tiny/config.json', 'utf8')));
  if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join('; '));
  return parsed.config;
}

const config = tinyConfig();
const tiny = tinyTensors();

describe('the graph of the embedded checkpoint', () => {
  const graph = qwen3(config);

  it('is what its architecture is registered for', () => {
    expect(models[config.architecture]).toBe(qwen3);
  });

  it('loads every tensor of the checkpoint, whole and once', () => {
    const loaded = graph.values.flatMap(({ source }) => (source.kind === 'checkpoint' ? source.segments : []));
    expect(loaded.map(({ tensor }) => tensor).sort()).toEqual([...tiny.keys()].sort());
    for (const { tensor, rows, columns, totalRows, totalColumns } of loaded) {
      expect([tensor, rows, columns]).toEqual([tensor, totalRows, totalColumns]);
      expect(rows * columns).toBe(tiny.get(tensor)?.length);
    }
  });

  it('takes and gives what a step needs', () => {
    const named = (kind: string) =>
      graph.values.flatMap(({ source, shape }) =>
        source.kind === kind && 'name' in source ? [`${source.name}[${shape.join(', ')}]`] : [],
      );
    expect(named('input').sort()).toMatchInlineSnapshot(`
      [
        "frequencyPenalty[R]",
        "keptRow[R]",
        "minP[R]",
        "position[R]",
        "presencePenalty[R]",
        "repetitionPenalty[R]",
        "rows[R]",
        "seed[R]",
        "stateRow[R]",
        "targets[R]",
        "temperature[R]",
        "tokens[T]",
        "topK[R]",
        "topP[R]",
        "usePenalties[R]",
      ]
    `);
    expect(named('state')).toMatchInlineSnapshot(`
      [
        "lastTokens[S]",
        "kv.0[]",
        "kv.1[]",
        "kv.2[]",
        "kv.3[]",
        "outputCounts[S, 2048]",
        "promptSeen[S, 2048]",
        "logitBias[S, 2048]",
      ]
    `);
    expect(
      Object.entries(graph.results).map(([name, id]) => `${name}[${graph.values[id]?.shape.join(', ')}]`),
    ).toMatchInlineSnapshot(`
      [
        "token[R]",
        "logprob[R]",
        "topIds[R, 20]",
        "topLogprobs[R, 20]",
        "logits[R, 2048]",
      ]
    `);
  });

  it('labels its calls by layer and block', () => {
    expect([...new Set(graph.calls.map(({ label }) => label))].slice(0, 5)).toEqual([
      '',
      'layers.0',
      'layers.0.attention',
      'layers.0.mlp',
      'layers.1',
    ]);
  });
});

describe('parts', () => {
  it('can be replaced by the caller', () => {
    const count = (graph: Graph, operator: unknown) => graph.calls.filter((call) => call.operator === operator).length;
    const mine = qwen3(config, {
      mlp: (model, { prefix }, x) => gatedMlp(model, `${prefix}.mlp`, geluTanhMul, x),
      attention: (model, layer, x) => selfAttention(model, layer, { headNorms: false }, x),
    });
    expect([count(qwen3(config), siluMul), count(mine, siluMul), count(mine, geluTanhMul)]).toEqual([4, 0, 4]);
    expect(mine.calls).toHaveLength(qwen3(config).calls.length - 8);
  });
});

describe('the oracle', () => {
  it('gives the log-probabilities of transformers, prefilled in chunks and then decoded', () => {
    const sequences: readonly {
      readonly ids: readonly number[];
      readonly top: readonly (readonly [number, number])[][];
    }[] = JSON.parse(readFileSync('models/tiny/reference/score.json', 'utf8'));
    const { ids, top } = sequences[1] ?? { ids: [], top: [] };
    const graph = qwen3(config);
    let states: StepEvaluation['states'] = [];
    for (const [start, end] of [
      [0, 5],
      [5, 7],
      [7, 8],
    ] as const) {
      const step = evaluateRanks([graph], {
        counts: { T: end - start, R: 1, S: 1 },
        inputs: { tokens: ids.slice(start, end), rows: [end - start - 1], ...greedyRows(1) },
        checkpoint: (name) => tiny.get(name) ?? [],
        batch: { cuSeqlens: [0, end - start], contextLens: [end], blockTable: [[1, 0]], blockSize: 6 },
        cacheSlots: 12,
        states,
        elements: { act: 'f32', weight: 'f32', cache: 'f32' },
      });
      states = step.states;
      const { token, logprob, topIds, topLogprobs } = step.results[0] ?? {};
      const expected = top[end - 1] ?? [];
      expected.forEach(([id, logprob], place) => {
        expect(arrayOf(topIds)[place]).toBe(id);
        expect(Math.abs((arrayOf(topLogprobs)[place] ?? Number.NaN) - logprob)).toBeLessThan(1e-3);
      });
      expect(arrayOf(token)[0]).toBe(expected[0]?.[0]);
      expect(arrayOf(logprob)[0]).toBe(arrayOf(topLogprobs)[0]);
    }
  }, 60_000);

  it('gives a sequence the same numbers alone and in a ragged batch, at head counts that are no power of two', () => {
    const small = {
      ...config,
      hiddenSize: 18,
      intermediateSize: 10,
      numLayers: 2,
      numHeads: 9,
      numKvHeads: 3,
      headDim: 4,
      vocabSize: 30,
    };
    const graph = qwen3(small);
    const shared = { checkpoint: randomCheckpoint([graph]), cacheSlots: 12 };
    const together = evaluateRanks([graph], {
      ...shared,
      counts: { T: 6, R: 2, S: 1 },
      inputs: { tokens: [1, 2, 3, 4, 5, 6], rows: [1, 5], ...greedyRows(2) },
      batch: { cuSeqlens: [0, 2, 2, 6], contextLens: [2, 3, 4], blockTable: [[2], [], [0]], blockSize: 4 },
    }).results[0];
    const alone = evaluateRanks([graph], {
      ...shared,
      counts: { T: 4, R: 1, S: 1 },
      inputs: { tokens: [3, 4, 5, 6], rows: [3], ...greedyRows(1) },
      batch: { cuSeqlens: [0, 4], contextLens: [4], blockTable: [[1]], blockSize: 4 },
    }).results[0];
    expect(arrayOf(together?.logits).slice(30)).toEqual(arrayOf(alone?.logits));
    expect(arrayOf(alone?.logits).every((logit) => roundTo('f32', logit) === logit)).toBe(true);
  });
});

function arrayOf(value: unknown): readonly number[] {
  if (value instanceof Float64Array || value instanceof Int32Array) return [...value];
  throw new Error('no numbers');
}

/** The tensors of models/tiny/model.safetensors, widened from bf16. */
function tinyTensors(): ReadonlyMap<string, Float64Array> {
  const file = readFileSync('models/tiny/model.safetensors');
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header: Readonly<Record<string, { readonly data_offsets: readonly [number, number] }>> = JSON.parse(
    file.subarray(8, 8 + headerBytes).toString(),
  );
  const tensors = Object.entries(header).flatMap(([name, { data_offsets: offsets }]): [string, Float64Array][] => {
    if (name === '__metadata__') return [];
    const bytes = file.subarray(8 + headerBytes + offsets[0], 8 + headerBytes + offsets[1]);
    const wide = new DataView(new ArrayBuffer(4));
    const widen = (_: unknown, i: number) => {
      wide.setUint32(0, bytes.readUInt16LE(2 * i) << 16);
      return wide.getFloat32(0);
    };
    return [[name, Float64Array.from({ length: bytes.length / 2 }, widen)]];
  });
  return new Map(tensors);
}
