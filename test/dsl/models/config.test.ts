import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../dsl/models/config.ts';

const tiny: Readonly<Record<string, unknown>> = JSON.parse(readFileSync('models/tiny/config.json', 'utf8'));

function parsed(json: unknown) {
  const result = parseConfig(json);
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('; '));
  return result.config;
}

function errorsOf(changes: Readonly<Record<string, unknown>>) {
  const result = parseConfig({ ...tiny, ...changes });
  return result.ok ? [] : result.errors.map(({ message }) => message);
}

describe('parseConfig', () => {
  it('reads the embedded checkpoint', () => {
    expect(parsed(tiny)).toEqual({
      architecture: 'Qwen3ForCausalLM',
      hiddenSize: 256,
      intermediateSize: 640,
      numLayers: 4,
      numHeads: 4,
      numKvHeads: 2,
      headDim: 64,
      vocabSize: 2048,
      maxPositions: 512,
      rmsNormEps: 1e-6,
      tieWordEmbeddings: true,
      attentionBias: false,
      mlpBias: false,
      hiddenAct: 'silu',
      rope: { type: 'default', theta: 10000 },
      dtype: 'bfloat16',
    });
  });

  it('reads the older spelling as the newer one', () => {
    const { rope_parameters: _, dtype: __, ...rest } = tiny;
    const yarn = { factor: 4, original_max_position_embeddings: 128 };
    const older = { ...rest, rope_theta: 5e5, rope_scaling: { type: 'yarn', ...yarn }, torch_dtype: 'float16' };
    const newer = { ...rest, rope_parameters: { rope_theta: 5e5, rope_type: 'yarn', ...yarn }, dtype: 'float16' };
    expect(parsed(older)).toEqual(parsed(newer));
    expect(parsed(older).rope).toMatchObject({ type: 'yarn', theta: 5e5, factor: 4, originalMaxPositions: 128 });
    expect(parsed({ ...rest, rope_theta: 7, rope_scaling: null }).rope).toEqual({ type: 'default', theta: 7 });
  });

  it('derives what older configs leave out', () => {
    const { head_dim: _, num_key_value_heads: __, ...rest } = tiny;
    expect(parsed({ ...rest, hidden_size: 576, num_attention_heads: 9 })).toMatchObject({ headDim: 64, numKvHeads: 9 });
  });

  it('names key, found and expected of every mistake at once', () => {
    expect(errorsOf({ hidden_size: '256', vocab_size: -1, tie_word_embeddings: 1 })).toEqual([
      'hidden_size is "256", expected a positive integer',
      'vocab_size is -1, expected a positive integer',
      'tie_word_embeddings is 1, expected true or false',
    ]);
    expect(errorsOf({ rope_parameters: { rope_type: 'linear' } })).toEqual([
      'rope_parameters.factor is nothing, expected a positive number',
    ]);
    expect(errorsOf({ num_key_value_heads: 3 })).toEqual([
      'num_key_value_heads is 3, expected a divisor of num_attention_heads (4)',
    ]);
  });

  it('refuses what would change the meaning of the model', () => {
    expect(errorsOf({ use_sliding_window: true })).toEqual(['use_sliding_window is true, expected false']);
    expect(errorsOf({ layer_types: ['full_attention', 'sliding_attention'] })).toHaveLength(1);
    expect(errorsOf({ hidden_act: 'relu' })).toEqual([
      'hidden_act is "relu", expected one of "silu", "gelu_pytorch_tanh"',
    ]);
    expect(errorsOf({ quantization_config: { bits: 4 } })).toHaveLength(1);
    expect(errorsOf({ auto_map: { AutoModel: 'modeling.Own' } })).toEqual([
      'auto_map is {"AutoModel":"modeling.Own"}, expected no code',
    ]);
  });

  it('refuses sizes that no model has, which would be compiled for hours', () => {
    expect(errorsOf({ num_hidden_layers: 2 ** 30, hidden_size: 2 ** 40 })).toEqual([
      'hidden_size is 1099511627776, expected at most 1048576',
      'num_hidden_layers is 1073741824, expected at most 1024',
    ]);
    expect(errorsOf({ max_position_embeddings: 2 ** 31 - 1 })).toEqual([
      'max_position_embeddings is 2147483647, expected at most 16777216',
    ]);
    expect(errorsOf({ num_hidden_layers: 0, intermediate_size: 1.5 })).toHaveLength(2);
  });

  it('shows what is long or deep in part', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(errorsOf({ hidden_size: deep })).toEqual(['hidden_size is [[[[…]]]], expected a positive integer']);
    expect(errorsOf({ auto_map: { a: { b: { c: { d: 1 } } } } })[0]).toContain('{"a":{"b":{"c":{…}}}}');
  });

  it('survives anything that JSON can hold', () => {
    for (const json of [null, 7, 'x', [], {}, { architectures: {}, rope_parameters: [] }]) {
      expect(parseConfig(json).ok).toBe(false);
    }
  });
});
