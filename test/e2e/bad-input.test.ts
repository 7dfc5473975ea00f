/** What strangers bring: each mistake is named with its mend, and ends a command with status 1. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../codegen/model.ts';
import { checkOfWeightsAtHand, LLM, type LoadOptions } from '../../index.ts';
import { type Damage, DamagedModels, tinyJson } from '../support/damaged-model.ts';
import { refusal } from '../support/refusal.ts';
import { tinyModel } from '../support/tiny-model.ts';

const bin = fileURLToPath(new URL('../../bin/warpsmith.mjs', import.meta.url));
const models = new DamagedModels();
const folder = mkdtempSync(join(tmpdir(), 'warpsmith-bad-input-'));
afterAll(() => {
  models.remove();
  rmSync(folder, { recursive: true, force: true });
});

const load = (checkpoint: string, options: LoadOptions = {}) => refusal(() => LLM.load(checkpoint, options));

const code = '"; system("touch pwned"); //';

describe('a checkpoint', () => {
  it.each<[string, Damage, RegExp]>([
    [
      'of an unknown architecture',
      { config: { architectures: ['MambaForCausalLM'] } },
      /MambaForCausalLM.*LlamaForCausalLM, Qwen3ForCausalLM/,
    ],
    [
      'whose architecture is code',
      { config: { architectures: [`Qwen3ForCausalLM${code}`] } },
      /is not among those there are/,
    ],
    [
      'whose architecture is what every object has',
      { config: { architectures: ['constructor'] } },
      /architecture constructor is not among those there are/,
    ],
    ['without an architecture', { config: { architectures: null } }, /architectures is null/],
    [
      'with a string for a number',
      { config: { hidden_size: '256' } },
      /hidden_size is "256", expected a positive integer/,
    ],
    ['of no layers', { config: { num_hidden_layers: 0 } }, /num_hidden_layers is 0/],
    ['of a negative size', { config: { intermediate_size: -1 } }, /intermediate_size is -1/],
    [
      'of a billion layers',
      { config: { num_hidden_layers: 1e9 } },
      /num_hidden_layers is 1000000000, expected at most 1024/,
    ],
    [
      'whose heads kv heads do not divide',
      { config: { num_key_value_heads: 3 } },
      /num_key_value_heads is 3, expected a divisor/,
    ],
    [
      'with code of its own',
      { config: { auto_map: { AutoModel: 'm.M' } } },
      /auto_map.*expected no code[\s\S]*never run/,
    ],
    ['with an activation that is code', { config: { hidden_act: `silu${code}` } }, /hidden_act is "silu\\"; system/],
    ['whose config is no JSON', { files: { 'config.json': '{"hidden_size": 1e' } }, /config\.json is not JSON/],
    [
      'whose config is another model’s',
      { config: { vocab_size: 4096 } },
      /embed_tokens.weight has the shape \[2048, 256\]; the model takes \[4096, 256\]/,
    ],
    ['without a tokenizer', { files: { 'tokenizer.json': null } }, /no tokenizer\.json/],
    [
      'with a damaged tokenizer',
      { files: { 'tokenizer.json': '{"model": {"vocab": {"a": -1}}}' } },
      /tokenizer\.json has/,
    ],
    [
      'whose tokenizer knows more tokens than it',
      { files: { 'tokenizer.json': tokenizerWithMore() } },
      /tokenizer has ids up to 9999; the model knows 2048/,
    ],
    [
      'with defaults of another type',
      { files: { 'generation_config.json': '{"temperature": "hot"}' } },
      /a string for temperature/,
    ],
    ['without weights', { files: { 'model.safetensors': null } }, /neither model\.safetensors nor/],
    [
      'whose weights are a picture',
      { files: { 'model.safetensors': Buffer.from('\x89PNG\r\n\x1a\n'.repeat(9), 'latin1') } },
      /claims a header of \d+ bytes/,
    ],
    [
      'cut short',
      { files: { 'model.safetensors': readFileSync(join(tinyModel, 'model.safetensors')).subarray(0, 90_000) } },
      /past the end of the file[\s\S]*truncated/,
    ],
  ])('%s', async (_, damage, says) => {
    expect(await load(models.folder(damage))).toMatch(says);
    expect(existsSync('pwned')).toBe(false);
  });

  const norm = 'model.norm.weight';
  it.each<[string, Damage['weights'], RegExp]>([
    ['lacks a tensor', rename(norm, 'model.norm.scale'), /no tensor model\.norm\.weight/],
    [
      'has one too many',
      rename(norm, 'lora_A.weight'),
      /has a tensor lora_A\.weight, which its architecture does not know/,
    ],
    [
      'has one of another shape',
      (tensors) => reshape(tensors, 'model.embed_tokens.weight'),
      /embed_tokens\.weight has the shape \[256, 2048\]; the model takes \[2048, 256\]/,
    ],
    [
      'has one of another type',
      (tensors) => retype(tensors, norm),
      /model\.norm\.weight is of type I16[\s\S]*BF16, F16, F32/,
    ],
  ])('%s', async (_, weights, says) => {
    expect(await load(models.folder({ ...(weights && { weights }) }))).toMatch(says);
  });

  describe('whose weights do not fit is refused before a compiler runs', () => {
    const cache = join(folder, 'untouched');
    // A compiler that says who it is, and fails at all else.
    const compiler = join(folder, 'compiler');
    const script = '#!/bin/sh\ncase "$*" in *" -c "*|*-shared*) touch "$0.ran"; exit 1;; esac\nexec g++ "$@"\n';
    beforeAll(() => writeFileSync(compiler, script, { mode: 0o755 }));

    it.each(['run', 'build', 'verify', 'score'])('by %s', async (command) => {
      const lacking = models.folder({ weights: rename(norm, 'model.norm.scale') });
      const options = command === 'verify' ? ['--elements', 'bf16'] : command === 'score' ? ['--text', 'Once'] : [];
      const { exitCode, stdout, stderr } = await execa('node', [bin, command, lacking, ...options], {
        env: { CXX: compiler, WARPSMITH_CACHE: cache },
        reject: false,
      });
      expect(stderr).toMatch(/no tensor model\.norm\.weight/);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(existsSync(`${compiler}.ran`)).toBe(false);
    });

    it('nor one whose tokenizer knows more tokens', async () => {
      const model = models.folder({ files: { 'tokenizer.json': tokenizerWithMore() } });
      const { stderr } = await execa('node', [bin, 'run', model], {
        env: { CXX: compiler, WARPSMITH_CACHE: cache },
        reject: false,
      });
      expect(stderr).toMatch(/tokenizer has ids up to 9999; the model knows 2048/);
      expect(existsSync(`${compiler}.ran`)).toBe(false);
    });

    it('unless they are on another machine', async () => {
      const config = models.folder({ files: { 'model.safetensors': null } });
      expect((await compileModel(config, { onManifest: await checkOfWeightsAtHand(config) })).directory).toMatch(/./);
    });
  });

  it('may bring buffers that follow from its config, and the output layer that its embedding is', async () => {
    const folder = models.folder({
      weights: (tensors, end) => {
        tensors['model.layers.0.self_attn.rotary_emb.inv_freq'] = {
          dtype: 'F32',
          shape: [1],
          data_offsets: [end, end + 4],
        };
        tensors['lm_head.weight'] = { dtype: 'BF16', shape: [2], data_offsets: [end + 4, end + 8] };
        return 8;
      },
    });
    await (await LLM.load(folder)).close();
  });

  it('with a chat template that does not parse continues text and refuses conversations', async () => {
    const llm = await LLM.load(models.folder({ files: { 'chat_template.jinja': '{% for %}' } }));
    const [result] = await llm.generate('Once', { maxTokens: 2, temperature: 0 });
    expect(result?.tokenIds).toHaveLength(2);
    expect(await refusal(() => llm.chat([{ role: 'user', content: 'Hi.' }]))).toMatch(/chat template does not parse/);
    await llm.close();
  });

  it('may lie in a folder whose name would be code in a shell', async () => {
    const llm = await LLM.load(models.folder({}, `it's "a" $(touch pwned) \`id\` \n`));
    const [result] = await llm.generate('Once', { maxTokens: 2, temperature: 0 });
    expect(result?.tokenIds).toHaveLength(2);
    await llm.close();
    expect(existsSync('pwned')).toBe(false);
  });
});

describe('a request', () => {
  let llm: LLM;
  beforeAll(async () => {
    llm = await LLM.load(tinyModel);
  });
  afterAll(() => llm.close());

  it.each([
    ['an empty prompt', '', {}, /no tokens/],
    ['a prompt longer than the context', new Array(600).fill(5), {}, /600 tokens; at most 511 fit/],
    ['a token that is none', [1, 2048], {}, /token id 2048[\s\S]*0 to 2047/],
    ['no tokens to draw', 'a', { maxTokens: 0 }, /maxTokens is 0/],
    ['a negative number of tokens', 'a', { maxTokens: -1 }, /maxTokens is -1/],
    ['a negative temperature', 'a', { temperature: -0.5 }, /temperature is -0.5[\s\S]*from 0 on/],
    ['a temperature that is no number', 'a', { temperature: Number.NaN }, /temperature is NaN/],
    ['no share of the probability', 'a', { topP: 0 }, /topP is 0[\s\S]*above 0 and up to 1/],
    ['more than all of the probability', 'a', { topP: 1.01 }, /topP is 1.01/],
    ['a negative top k', 'a', { topK: -1 }, /topK is -1/],
  ])('with %s', async (_, prompt, params, says) => {
    expect(await refusal(() => llm.generate(prompt, params))).toMatch(says);
  });
});

function rename(from: string, to: string): NonNullable<Damage['weights']> {
  return (tensors) => {
    const tensor = tensors[from];
    delete tensors[from];
    if (tensor !== undefined) tensors[to] = tensor;
    return 0;
  };
}

function reshape(tensors: Parameters<NonNullable<Damage['weights']>>[0], name: string): number {
  tensors[name]?.shape.reverse();
  return 0;
}

function retype(tensors: Parameters<NonNullable<Damage['weights']>>[0], name: string): number {
  const tensor = tensors[name];
  if (tensor !== undefined) tensor.dtype = 'I16';
  return 0;
}

function tokenizerWithMore(): string {
  const json = tinyJson('tokenizer.json') as { added_tokens: object[] };
  const extra = {
    id: 9999,
    content: '<|more|>',
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  };
  return JSON.stringify({ ...json, added_tokens: [...json.added_tokens, extra] });
}
