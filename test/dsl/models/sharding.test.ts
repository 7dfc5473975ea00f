/** The shards of n ranks, run one after the other and joined as their collectives say, against n = 1. */
import { describe, expect, it } from 'vitest';
import {
  evaluateRanks,
  type GraphBuilder,
  LanguageError,
  llama,
  parseConfig,
  qwen3,
  type SymbolicTensor,
  trace,
} from '../../../dsl/index.ts';
import {
  columnLinear,
  embed,
  logitsOf,
  type Model,
  mergedLinear,
  qkvLinear,
  rowLinear,
} from '../../../dsl/models/layers.ts';
import { kvHeadsOf, replicated, row, tensorParallelSizes } from '../../../dsl/models/sharding.ts';
import { greedyRows, randomCheckpoint } from './random-weights.ts';

const elements = { act: 'f32', weight: 'f32', cache: 'f32' } as const;

const shape = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 4,
  vocab_size: 32,
  max_position_embeddings: 64,
  rope_theta: 100,
  attention_bias: true,
  mlp_bias: true,
};

function configOf(changes: Readonly<Record<string, unknown>> = {}) {
  const parsed = parseConfig({ ...shape, ...changes });
  if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join('; '));
  return parsed.config;
}

const config = configOf();
const sizes = [1, 2, 4, 8] as const;

/** The result of one layer on n ranks, by rank. */
function run(size: number, layer: (model: Model) => SymbolicTensor) {
  const graphs = Array.from({ length: size }, (_, rank) =>
    trace('layer', (graph) => ({ y: layer({ graph, config, shard: { rank, size } }) })),
  );
  const x = Float64Array.from({ length: 3 * 48 }, (_, i) => Math.sin(i + 1));
  const widths = new Map(
    graphs.flatMap(({ values }) => values.map((value) => [sourceName(value.source), value.shape[1]])),
  );
  const inputs = { x: x.slice(0, 3 * Number(widths.get('x') ?? 0)), ids: [0, 13, 31] };
  const { results } = evaluateRanks(graphs, {
    counts: { T: 3, R: 3 },
    inputs,
    checkpoint: randomCheckpoint(graphs),
    elements,
  });
  return results.map(({ y }) => (y instanceof Float64Array ? [...y] : []));
}

function sourceName(source: { readonly kind: string; readonly name?: string }): string {
  return source.kind === 'input' ? (source.name ?? '') : '';
}

const x = (graph: GraphBuilder, width: number) => graph.input('x', 'act', ['T', width]);
const tensor = (name: string, rows: number, columns: number) => ({ name, rows, columns, bias: true });

/** The ranks' rows joined: for each token, the parts of every rank. */
function joined(parts: readonly (readonly number[])[]): readonly number[] {
  return [0, 1, 2].flatMap((t) =>
    parts.flatMap((part) => part.slice((t * part.length) / 3, ((t + 1) * part.length) / 3)),
  );
}

describe('linears', () => {
  it.each(sizes)('column, %i ranks: a slice of the outputs each', (size) => {
    const layer = ({ graph, ...model }: Model) => columnLinear({ graph, ...model }, tensor('c', 24, 16), x(graph, 16));
    expect(joined(run(size, layer))).toEqual(run(1, layer)[0]);
  });

  it.each(sizes)('merged column, %i ranks: a slice of every part each', (size) => {
    const layer = (model: Model) =>
      mergedLinear(model, 'gate_up', [tensor('gate', 24, 16), tensor('up', 24, 16)], x(model.graph, 16));
    const [whole = []] = run(1, layer);
    const split = run(size, layer);
    const width = 24 / size;
    const part = (which: number) =>
      split.map((y) => [0, 1, 2].flatMap((t) => y.slice((2 * t + which) * width, (2 * t + which + 1) * width)));
    const expected = (which: number) =>
      [0, 1, 2].flatMap((t) => whole.slice(t * 48 + which * 24, t * 48 + which * 24 + 24));
    expect(joined(part(0))).toEqual(expected(0));
    expect(joined(part(1))).toEqual(expected(1));
  });

  it.each(sizes)('qkv, %i ranks: whole heads, kv heads held by several ranks where there are fewer', (size) => {
    const layer = (model: Model) => qkvLinear(model, 'attn', x(model.graph, 16));
    const [whole = []] = run(1, layer);
    const head = (y: readonly number[], heads: number, t: number, h: number) =>
      y.slice((t * heads + h) * 4, (t * heads + h + 1) * 4);
    run(size, layer).forEach((y, rank) => {
      const HQ = 8 / size;
      const { start, rows: HK } = kvHeadsOf(2, { rank, size });
      const expectedHeads = [
        ...Array.from({ length: HQ }, (_, h) => rank * HQ + h),
        ...Array.from({ length: HK }, (_, h) => 8 + start + h),
        ...Array.from({ length: HK }, (_, h) => 10 + start + h),
      ];
      const expected = [0, 1, 2].flatMap((t) => expectedHeads.flatMap((h) => head(whole, 12, t, h)));
      expect(y).toEqual(expected);
      // Each query head finds its own key head on its rank.
      expect(Math.floor((rank * HQ) / 4)).toBe(start);
    });
  });

  it.each(sizes)('row, %i ranks: sums of slices of the inputs, the bias added once', (size) => {
    const layer = (model: Model) => {
      const { rank } = model.shard;
      const width = 24 / model.shard.size;
      // A rank's slice of the activations, as the column-parallel layer before would leave it.
      const slice = columnLinear(model, { name: 'identity', rows: 24, columns: 24, bias: false }, x(model.graph, 24));
      expect(slice.value.shape).toEqual(['T', width]);
      expect(row(tensor('r', 16, 24), model.shard).bias === null).toBe(rank > 0);
      return rowLinear(model, tensor('r', 16, 24), slice);
    };
    const [whole = []] = run(1, layer);
    for (const y of run(size, layer)) expectClose(y, whole, 5);
  });

  it.each(sizes)('vocabulary, %i ranks: embeddings and logits of the whole', (size) => {
    const layer = (model: Model) => {
      const y = embed(model, model.graph.input('ids', 'i32', ['T']));
      return logitsOf(model, y);
    };
    for (const y of run(size, layer)) expect(y).toEqual(run(1, layer)[0]);
  });

  it('replicated: all of it on every rank', () => {
    expect(replicated(tensor('n', 6, 4))).toMatchObject({
      rows: 6,
      columns: 4,
      weight: [{ tensor: 'n.weight', rowStart: 0, rows: 6, totalRows: 6 }],
      bias: [{ tensor: 'n.bias', rows: 6, columns: 1 }],
      collective: 'none',
    });
  });
});

describe('models', () => {
  it.each([
    ['llama', llama, 2],
    ['llama', llama, 4],
    ['llama', llama, 8],
    ['qwen3', qwen3, 4],
  ] as const)('%s on %3$i ranks gives what one rank gives', (_, model, size) => {
    const step = (ranks: number) => {
      const graphs = Array.from({ length: ranks }, (_, rank) =>
        model(config, { tensorParallel: { rank, size: ranks } }),
      );
      return evaluateRanks(graphs, {
        counts: { T: 5, R: 2, S: 1 },
        inputs: { tokens: [3, 1, 4, 1, 5], rows: [2, 4], ...greedyRows(2) },
        checkpoint: randomCheckpoint(graphs),
        batch: { cuSeqlens: [0, 3, 5], contextLens: [3, 2], blockTable: [[1], [0]], blockSize: 16 },
        cacheSlots: 32,
        elements,
      }).results;
    };
    const [whole] = step(1);
    for (const results of step(size)) {
      expect(results.token).toEqual(whole?.token);
      expectClose(arrayOf(results.logits), arrayOf(whole?.logits), 4);
    }
  });
});

describe('sizes', () => {
  it('that fit neither way are refused with those that would do', () => {
    expect(tensorParallelSizes(config)).toEqual([1, 2, 4, 8]);
    expect(() => llama(config, { tensorParallel: { rank: 0, size: 3 } })).toThrow(LanguageError);
    const wide = configOf({ num_attention_heads: 9, num_key_value_heads: 3, intermediate_size: 27, vocab_size: 36 });
    expect(tensorParallelSizes(wide)).toEqual([1, 3, 9]);
    expect(() => llama(wide, { tensorParallel: { rank: 0, size: 2 } })).toThrow(
      '9 heads, 3 kv heads, an intermediate size of 27 and a vocabulary of 36 do not divide among 2 ranks',
    );
    expect(() => llama(config, { tensorParallel: { rank: 2, size: 2 } })).toThrow('rank 2 is none of 2');
  });
});

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, digits: number): void {
  expect(found).toHaveLength(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i] ?? Number.NaN, digits);
}

function arrayOf(value: unknown): Float64Array {
  if (value instanceof Float64Array) return value;
  throw new Error('no numbers');
}
