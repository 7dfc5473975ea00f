/** The oracle against torch and transformers: test/golden/operators.json, written by operators.py beside it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  addRmsNorm,
  type Batch,
  denseAttention,
  evaluate,
  geluTanhMul,
  headNorm,
  linear,
  linearBias,
  logSumExp,
  type Operator,
  pagedAttention,
  penalize,
  rmsNorm,
  rope,
  ropeTable,
  siluMul,
  storeKv,
  tokenLogprob,
} from '../../../dsl/index.ts';
import { parseConfig } from '../../../dsl/models/config.ts';
import { ropeFrequencies } from '../../../dsl/models/rope-frequencies.ts';
import { filteredLogits, penaltyInputs } from './sampling.ts';

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly operator: string;
  readonly attrs: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

const file: { readonly cases: readonly Case[] } = JSON.parse(readFileSync('test/golden/operators.json', 'utf8'));
const casesOf = (operator: string) => file.cases.filter((entry) => entry.operator === operator);
const elements = { act: 'f32', weight: 'f32', cache: 'f32' } as const;

/** Arithmetic is f64 and one rounding to f32 follows, so the bound is f32's. */
const bound = 1e-6;

describe('norms and activations', () => {
  it.each(casesOf('rms_norm'))('rms_norm eps $attrs.eps', ({ attrs, inputs, outputs }) => {
    const { x, weight } = tensors(inputs);
    const [T = 0, H = 0] = x.shape;
    expectClose(evaluate(rmsNorm, { dims: { T, H }, inputs: data(inputs), attrs, elements }).y, outputs.y);
    // A head of the width of the row is the row.
    const heads = evaluate(headNorm, {
      dims: { T, H: 1, D: H },
      inputs: { x: x.data, weight: weight.data },
      attrs,
      elements,
    });
    expectClose(heads.y, outputs.y);
  });

  it.each(casesOf('add_rms_norm'))('add_rms_norm eps $attrs.eps', ({ attrs, inputs, outputs }) => {
    const [T = 0, H = 0] = tensors(inputs).x.shape;
    const { total, y } = evaluate(addRmsNorm, { dims: { T, H }, inputs: data(inputs), attrs, elements });
    expectClose(y, outputs.y);
    expectClose(total, outputs.residual);
  });

  it.each([...casesOf('silu_mul'), ...casesOf('gelu_tanh_mul')])('$operator', ({ operator, inputs, outputs }) => {
    const [T = 0, width = 0] = tensors(inputs).x.shape;
    const activation: Operator<typeof siluMul extends Operator<infer Outputs> ? Outputs : never> =
      operator === 'silu_mul' ? siluMul : geluTanhMul;
    expectClose(evaluate(activation, { dims: { T, H: width / 2 }, inputs: data(inputs), elements }).y, outputs.y);
  });
});

describe('linear', () => {
  it.each(casesOf('linear'))('with bias and without', ({ inputs, outputs }) => {
    const { x, weight, bias } = tensors(inputs);
    const [T = 0, K = 0] = x.shape;
    const [N = 0] = weight.shape;
    expectClose(evaluate(linearBias, { dims: { T, N, K }, inputs: data(inputs), elements }).y, outputs.y);
    const unbiased = evaluate(linear, { dims: { T, N, K }, inputs: { x: x.data, weight: weight.data }, elements }).y;
    expectClose(
      unbiased.map((y, i) => y + (bias.data[i % N] ?? 0)),
      outputs.y,
    );
  });
});

describe('rope', () => {
  it.each(casesOf('rope'))('$attrs.rope_type', ({ attrs, inputs, outputs }) => {
    const parsed = parseConfig({ ...llamaShape, rope_parameters: attrs });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    const { inverseFrequency, scale } = ropeFrequencies(parsed.config.rope, 16);
    // transformers computes its frequencies in f32.
    expectClose(inverseFrequency, outputs.inverse_frequency, 3e-7);
    expect(scale).toBeCloseTo(attrs.attention_scale ?? 1, 12);
    const positions = inputs.positions as unknown as readonly number[];
    const T = positions.length;
    const table = evaluate(ropeTable, {
      dims: { T, F: 8 },
      inputs: { inverseFrequency: inverseFrequency.map(Math.fround) },
      attrs: { scale },
      batch: { cuSeqlens: [0, 1, 2, 3, 4, 5], contextLens: positions.map((position) => position + 1) },
    });
    for (const name of ['q', 'k'] as const) {
      const { shape, data: x } = inputs[name] ?? { shape: [], data: [] };
      const rotated = evaluate(rope, {
        dims: { T, H: shape[1] ?? 0, F: 8 },
        inputs: { x, cosine: table.cosine, sine: table.sine },
        elements,
      }).y;
      // An inverse frequency rounded to f32 turns by up to 5000 * 2^-25 too far at position 5000.
      expectClose(rotated, outputs[name], 3e-4);
    }
  });
});

describe('attention', () => {
  it.each(casesOf('attention'))('over the paged cache, $attrs.heads heads', ({ attrs, inputs, outputs }) => {
    const { heads: HQ = 0, kv_heads: HK = 0, head_dim: D = 0, scale = 0 } = attrs;
    const { q, k, v } = tensors(inputs);
    const batch = raggedBatch(inputs);
    const rows = 3 * 64;
    const empty = {
      fields: {
        k: new Float64Array(rows * HK * D).fill(Number.NaN),
        v: new Float64Array(rows * HK * D).fill(Number.NaN),
      },
    };
    const everyKey: Batch = { ...batch, cuSeqlens: sums(batch.contextLens) };
    const { kv } = evaluate(storeKv, {
      dims: { T: k.shape[0] ?? 0, HK, D },
      inputs: { k: k.data, v: v.data, kv: empty },
      batch: everyKey,
      elements,
    });
    const { o } = evaluate(pagedAttention, {
      dims: { T: q.shape[0] ?? 0, HQ, HK, D },
      inputs: { q: q.data, kv },
      attrs: { scale },
      batch,
      elements,
    });
    expectClose(o, outputs.o);
  });

  it('over the keys of the batch itself gives what the cache gives', () => {
    const [first] = casesOf('attention');
    if (first === undefined) throw new Error('there is no case of attention');
    const { attrs, inputs } = first;
    const { heads: HQ = 0, kv_heads: HK = 0, head_dim: D = 0, scale = 0 } = attrs;
    // The cache holds f32.
    const [k, v] = [tensors(inputs).k.data.map(Math.fround), tensors(inputs).v.data.map(Math.fround)];
    const { contextLens } = raggedBatch(inputs);
    const T = k.length / (HK * D);
    const q = Array.from({ length: T * HQ * D }, (_, i) => Math.sin(i));
    const batch: Batch = { cuSeqlens: sums(contextLens), contextLens, blockTable: [[0], [1], [2]], blockSize: 64 };
    const cache = { fields: { k: new Float64Array(192 * HK * D), v: new Float64Array(192 * HK * D) } };
    const { kv } = evaluate(storeKv, {
      dims: { T, HK, D },
      inputs: { k, v, kv: cache },
      batch,
      elements,
    });
    const dims = { T, HQ, HK, D };
    const paged = evaluate(pagedAttention, { dims, inputs: { q, kv }, attrs: { scale }, batch, elements }).o;
    const dense = evaluate(denseAttention, {
      dims,
      inputs: { q, k, v },
      attrs: { scale },
      batch,
      elements,
    }).o;
    expect(dense).toEqual(paged);
  });
});

describe('sampler', () => {
  it.each(casesOf('sample_distribution'))('$attrs', ({ attrs, inputs, outputs }) => {
    const logits = tensors(inputs).logits.data;
    const filtered = filteredLogits(logits, attrs);
    const total = filtered.reduce((sum, x) => sum + Math.exp(x), 0);
    expectClose(
      filtered.map((x) => Math.exp(x) / total),
      outputs.probability,
    );
  });

  it.each(casesOf('penalties'))('$attrs', ({ attrs, inputs, outputs }) => {
    const logits = tensors(inputs).logits.data;
    const ids = inputs.output_ids as unknown as readonly number[];
    const V = logits.length;
    const { y } = evaluate(penalize, { dims: { R: 1, S: 2, V }, inputs: penaltyInputs(logits, ids, attrs) });
    expectClose(y, outputs.logits);
  });

  it.each(casesOf('log_softmax'))('log_softmax', ({ inputs, outputs }) => {
    const logits = tensors(inputs).logits.data;
    const V = logits.length;
    const normalizer = evaluate(logSumExp, { dims: { R: 1, V }, inputs: { x: logits } }).y;
    const of = (token: number, target: number) =>
      evaluate(tokenLogprob, { dims: { R: 1, V }, inputs: { logits, normalizer, token: [token], targets: [target] } })
        .logprob[0];
    expectClose(
      logits.map((_, v) => of(v, -1) ?? Number.NaN),
      outputs.logprob,
    );
    expect(of(3, 7)).toBe(of(7, -1));
  });
});

const llamaShape = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 64,
  intermediate_size: 64,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 16,
  vocab_size: 64,
  max_position_embeddings: 131072,
};

/** The sequences of a case: blocks of 64, each sequence's own, in a mixed order; position 64 starts a second block. */
function raggedBatch(inputs: Readonly<Record<string, unknown>>): Batch & { readonly contextLens: readonly number[] } {
  const lengths = inputs.new as readonly number[];
  const cached = inputs.cached as readonly number[];
  const contextLens = lengths.map((length, s) => length + (cached[s] ?? 0));
  const blockTable = lengths.length === 2 ? [[2], [1, 0]] : [[1], [2], [0]];
  return { cuSeqlens: sums(lengths), contextLens, blockTable, blockSize: 64 };
}

function sums(lengths: readonly number[]): readonly number[] {
  const starts = [0];
  for (const length of lengths) starts.push((starts.at(-1) ?? 0) + length);
  return starts;
}

function tensors(
  inputs: Readonly<Record<string, Tensor>>,
): Record<'x' | 'weight' | 'bias' | 'q' | 'k' | 'v' | 'logits', Tensor> {
  const none: Tensor = { shape: [], data: [] };
  return { x: none, weight: none, bias: none, q: none, k: none, v: none, logits: none, ...inputs };
}

function data(inputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, tensor.data]));
}

/** Every element within `relative` of its own size, or of the largest's where it is small by cancellation. */
function expectClose(found: ArrayLike<number>, expected: Tensor | undefined, relative = bound): void {
  const values = expected?.data ?? [];
  expect(found).toHaveLength(values.length);
  const largest = Math.max(...values.map(Math.abs));
  values.forEach((value, i) => {
    const gap = Math.abs((found[i] ?? Number.NaN) - value);
    if (!(gap <= relative * Math.max(Math.abs(value), largest * 0.1)))
      expect.fail(`element ${i}: ${found[i]}, expected ${value}`);
  });
}
