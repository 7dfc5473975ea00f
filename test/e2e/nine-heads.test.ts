/** A Llama of widths that are no power of two (9 heads, 3 kv heads, hidden 576), untied, with random weights in one file or several. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LLM, type LoadOptions } from '../../index.ts';
import type { NativeStepEngine } from '../../runtime/engine.ts';
import { Random } from '../../verify/random.ts';
import { relativeError } from '../../verify/tolerances.ts';
import { randomTensor, type TensorFile, writeWeights } from '../support/checkpoint-files.ts';
import { prefill, tinyEngine } from '../support/tiny-engine.ts';
import { copyTokenizer } from '../support/tiny-model.ts';

const [hidden, ffn, vocabulary, numHeads, numKvHeads, headDim] = [576, 432, 2048, 9, 3, 64];

const config = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: hidden,
  intermediate_size: ffn,
  num_hidden_layers: 2,
  num_attention_heads: numHeads,
  num_key_value_heads: numKvHeads,
  vocab_size: vocabulary,
  max_position_embeddings: 192,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  rope_theta: 100000,
};

let directory: string;
let single: string;
let sharded: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'warpsmith-llama-'));
  single = join(directory, 'single');
  sharded = join(directory, 'sharded');
  const tensors = randomWeights();
  for (const [path, files] of [
    [single, 1],
    [sharded, 3],
  ] as const) {
    mkdirSync(path);
    writeWeights(path, tensors, 'bf16', files);
    writeFileSync(join(path, 'config.json'), JSON.stringify(config));
    copyTokenizer(path);
  }
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const random = new Random(2);
const sequences = [1, 3, 70, 129].map((length) => Array.from({ length }, () => random.integer(3, vocabulary)));

describe.each(['bf16', 'f16'] as const)('in %s', (elements) => {
  test('log-probabilities do not depend on batch, chunk or threads, nor on how the weights are split among files', async () => {
    const alone = await scores(single, { elements, threads: 1 }, false);
    expect(alone[3]?.logprobs.every((logprob, place) => place === 0 || (logprob !== null && logprob < 0))).toBe(true);
    expect(await scores(single, { elements, threads: 2 }, true)).toEqual(alone);
    expect(await scores(single, { elements, threads: 2, prefillChunk: 7 }, true)).toEqual(alone);
    expect(await scores(sharded, { elements, threads: 1, prefillChunk: 7 }, false)).toEqual(alone);
  });

  test('each definition alone gives the same logits bit for bit', async () => {
    const fused = await tinyEngine({ elements }, single);
    const apart = await tinyEngine({ elements, fuse: false }, single);
    const expected = logits(apart);
    expect(logits(fused)).toEqual(expected);
    expect(expected.every(Number.isFinite)).toBe(true);
    fused.close();
    apart.close();
  });
});

test('f16 and bf16 arithmetic on the same weights agree', async () => {
  const [bf16, f16] = [await tinyEngine({ elements: 'bf16' }, single), await tinyEngine({ elements: 'f16' }, single)];
  const error = relativeError(logits(bf16), logits(f16));
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(0.02);
  bf16.close();
  f16.close();
});

async function scores(checkpoint: string, options: LoadOptions, together: boolean) {
  const llm = await LLM.load(checkpoint, options);
  try {
    if (together) return await Promise.all(sequences.map((ids) => llm.score(ids)));
    const results = [];
    for (const ids of sequences) results.push(await llm.score(ids));
    return results;
  } finally {
    await llm.close();
  }
}

function logits(engine: NativeStepEngine): Float32Array {
  return engine.stepSync(prefill(engine, sequences)).logits.slice();
}

/** In transformers' names; a projection's deviation keeps the activations near 1, so that attention is no uniform mean. */
function randomWeights(): Readonly<Record<string, TensorFile>> {
  const draw = new Random(1);
  const linear = (rows: number, columns: number) => randomTensor(draw, [rows, columns], 1.5 / Math.sqrt(columns));
  const norm = () => randomTensor(draw, [hidden], 0.1, 1);
  const layers = [0, 1].map((layer) => ({
    [`model.layers.${layer}.input_layernorm.weight`]: norm(),
    [`model.layers.${layer}.post_attention_layernorm.weight`]: norm(),
    [`model.layers.${layer}.self_attn.q_proj.weight`]: linear(numHeads * headDim, hidden),
    [`model.layers.${layer}.self_attn.k_proj.weight`]: linear(numKvHeads * headDim, hidden),
    [`model.layers.${layer}.self_attn.v_proj.weight`]: linear(numKvHeads * headDim, hidden),
    [`model.layers.${layer}.self_attn.o_proj.weight`]: linear(hidden, numHeads * headDim),
    [`model.layers.${layer}.mlp.gate_proj.weight`]: linear(ffn, hidden),
    [`model.layers.${layer}.mlp.up_proj.weight`]: linear(ffn, hidden),
    [`model.layers.${layer}.mlp.down_proj.weight`]: linear(hidden, ffn),
  }));
  return {
    'model.embed_tokens.weight': randomTensor(draw, [vocabulary, hidden], 1),
    ...Object.assign({}, ...layers),
    'model.norm.weight': norm(),
    'lm_head.weight': linear(vocabulary, hidden),
  };
}
