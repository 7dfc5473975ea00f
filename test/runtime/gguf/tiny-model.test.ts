/** The embedded model rewritten as GGUF files: what is loaded is the model, whatever its form. */
import { mkdtempSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../../codegen/model.ts';
import { parseConfig, ropeFrequencies } from '../../../dsl/models/index.ts';
import { configTextOf, LLM } from '../../../index.ts';
import { openModel } from '../../../runtime/open-model.ts';
import { readSafetensorsHeader } from '../../../runtime/safetensors.ts';
import { f32, type GgufTensor, type GgufValue, tensorTypes, text, u32, writeGguf } from '../../support/gguf-file.ts';
import { tinyGguf } from '../../support/gguf-tiny.ts';
import { greedyChats, scoredSequences, tinyModel } from '../../support/tiny-model.ts';

/** Log-probabilities of the reference's sequences, and the replies to its chats. */
async function answers(model: string) {
  const llm = await LLM.load(model);
  try {
    const scores = await Promise.all(scoredSequences.slice(0, 4).map(({ ids }) => llm.score(ids)));
    const replies = await llm.generate(
      greedyChats.map(({ messages }) => messages),
      { temperature: 0, maxTokens: 200, logprobs: 2 },
    );
    return {
      scores: scores.flatMap(({ logprobs }) => logprobs.slice(1).map((logprob) => logprob ?? Number.NaN)),
      replies: replies.map(({ promptTokenIds, tokenIds, text, logprobs }) => ({
        promptTokenIds,
        tokenIds,
        text,
        logprobs,
      })),
    };
  } finally {
    await llm.close();
  }
}

let original: Awaited<ReturnType<typeof answers>>;
beforeAll(async () => {
  original = await answers(tinyModel);
});

describe('the embedded model as a GGUF file', () => {
  it.each(['BF16', 'F32'] as const)('of %s gives the same replies and log-probabilities, bit for bit', async (type) => {
    expect(await answers(writeGguf(tinyGguf({ type })))).toEqual(original);
  });

  it('gives the replies of the reference, computed in f32', async () => {
    const llm = await LLM.load(writeGguf(tinyGguf()), { elements: 'f32' });
    for (const { messages, prompt_ids: prompt, text: reference } of greedyChats) {
      const { promptTokenIds, text: reply } = await llm.chat(messages, { temperature: 0, maxTokens: 200 });
      expect(promptTokenIds).toEqual(prompt);
      expect(reply).toBe(reference);
    }
    await llm.close();
  });

  it.each([
    ['F16', 0.01, 0.2],
    ['Q8_0', 0.02, 0.5],
  ] as const)('of %s gives log-probabilities within %f on average and %f at most', async (type, mean, largest) => {
    const { scores } = await answers(writeGguf(tinyGguf({ type })));
    const gaps = scores.map((score, place) => Math.abs(score - (original.scores[place] ?? Number.NaN)));
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(mean);
    expect(Math.max(...gaps)).toBeLessThan(largest);
  });

  it('shares its kernels with the safetensors checkpoint', async () => {
    const file = writeGguf(tinyGguf({ type: 'Q8_0' }));
    expect((await compileModel(file, { config: await configTextOf(file) })).compiled).toBe(0);
  });

  it('is found in a directory that has no config.json', async () => {
    const file = writeGguf(tinyGguf());
    const model = await openModel(join(file, '..'));
    expect(model.path).toBe(file);
    writeGguf(tinyGguf(), 'other.gguf', join(file, '..'));
    await expect(openModel(join(file, '..'))).rejects.toMatchObject({
      message: expect.stringContaining('2 GGUF files: model.gguf, other.gguf'),
    });
  });

  it('runs from the folder of an engine that was built of it', async () => {
    const file = writeGguf(tinyGguf());
    const out = join(mkdtempSync(join(tmpdir(), 'engine-')), 'engine');
    await compileModel(file, { config: await configTextOf(file), out });
    const llm = await LLM.load(out);
    const [first] = await llm.generate([greedyChats[0]!.messages], { temperature: 0, maxTokens: 200 });
    expect(first?.tokenIds).toEqual(original.replies[0]?.tokenIds);
    await llm.close();
  });
});

describe('a model in several files', () => {
  const split = (no: number, count = 2) => ({
    'split.no': { type: 'u16', value: no } as const,
    'split.count': { type: 'u16', value: count } as const,
    'split.tensors.count': { type: 'i32', value: 46 } as const,
  });
  const name = (file: number) => `tiny-0000${file}-of-00002.gguf`;
  const write = (second = {}) => {
    const whole = tinyGguf();
    const first = { ...tinyGguf({ metadata: split(0) }), tensors: whole.tensors.slice(0, 20) };
    const file = writeGguf(first, name(1));
    const metadata = Object.entries({ ...split(1), ...second });
    writeGguf({ metadata, tensors: whole.tensors.slice(20) }, name(2), join(file, '..'));
    return file;
  };

  it('is opened by its first file, or its directory', async () => {
    const file = write();
    for (const path of [file, join(file, '..')]) {
      const { weights } = await openModel(path);
      expect(weights.files.map((part) => part.slice(-name(1).length)).sort()).toEqual([name(1), name(2)]);
      expect(weights.tensors.size).toBe(46);
    }
  });

  it('is refused by another, without one, or with one of another model', async () => {
    const second = join(write(), '..', name(2));
    await expect(openModel(second)).rejects.toMatchObject({ message: expect.stringContaining('is file 2 of 2') });
    const alone = writeGguf(tinyGguf({ metadata: split(0) }), name(1));
    await expect(openModel(alone)).rejects.toMatchObject({
      code: 'file-missing',
      message: expect.stringContaining(name(2)),
    });
    await expect(openModel(write({ 'split.no': split(0)['split.no'] }))).rejects.toMatchObject({
      message: expect.stringContaining('does not say that it is file 2 of 2'),
    });
  });
});

describe('a Llama checkpoint', () => {
  /** The embedded weights under Llama's architecture, without the norms of heads, which it does not have. */
  async function llamaDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'llama-'));
    await cp(tinyModel, directory, { recursive: true });
    const config = JSON.parse(await readFile(join(tinyModel, 'config.json'), 'utf8'));
    const changed = { ...config, architectures: ['LlamaForCausalLM'], model_type: 'llama' };
    await writeFile(join(directory, 'config.json'), JSON.stringify(changed));
    await writeFile(join(directory, 'model.safetensors'), await weightsWithout(/\.[qk]_norm\./));
    return directory;
  }

  async function weightsWithout(names: RegExp): Promise<Uint8Array> {
    const { tensors } = await readSafetensorsHeader(join(tinyModel, 'model.safetensors'));
    const file = await readFile(join(tinyModel, 'model.safetensors'));
    const kept = [...tensors].filter(([name]) => !names.test(name));
    let end = 0;
    const header = kept.map(([name, { dtype, shape, byteLength }]) => {
      const begin = end;
      end += byteLength;
      return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
    });
    const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    const data = kept.map(([, { byteOffset, byteLength }]) => file.subarray(byteOffset, byteOffset + byteLength));
    return Buffer.concat([size, text, ...data]);
  }
  const scoresOf = async (model: string) => (await answers(model)).scores;

  it.each(['BF16', 'F32'] as const)('of %s has its rows of q and k put back in order, bit for bit', async (type) => {
    const expected = await scoresOf(await llamaDirectory());
    expect(await scoresOf(writeGguf(tinyGguf({ type, architecture: 'llama' })))).toEqual(expected);
    expect(expected).not.toEqual(original.scores);
  });
});

describe('the rotary embedding of a GGUF file', () => {
  /** Frequencies and scale as the model computes them. */
  const rotation = (config: object) => {
    const parsed = parseConfig(config);
    if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join());
    return ropeFrequencies(parsed.config.rope, parsed.config.headDim);
  };
  const ofFile = async (metadata: Readonly<Record<string, GgufValue>>, extraTensors: readonly GgufTensor[] = []) =>
    rotation((await openModel(writeGguf(tinyGguf({ architecture: 'llama', metadata, extraTensors })))).config);
  const ofConfig = async (rope: object) => {
    const config = JSON.parse(await readFile(join(tinyModel, 'config.json'), 'utf8'));
    return rotation({ ...config, rope_parameters: { rope_theta: 10000, ...rope } });
  };

  it.each([
    ['none', { rope_type: 'default' }, {}],
    ['linear', { rope_type: 'linear', factor: 2.5 }, { 'llama.rope.scaling.factor': f32(2.5) }],
    [
      'yarn',
      { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 128 },
      { 'llama.rope.scaling.factor': f32(4), 'llama.rope.scaling.original_context_length': u32(128) },
    ],
    [
      'yarn',
      { rope_type: 'yarn', factor: 4, beta_fast: 16, attention_factor: 1.5 * (0.1 * Math.log(4) + 1) },
      {
        'llama.rope.scaling.factor': f32(4),
        'llama.rope.scaling.yarn_beta_fast': f32(16),
        'llama.rope.scaling.attn_factor': f32(1.5),
      },
    ],
  ])('is that of config.json: %s', async (type, rope, metadata) => {
    expect(await ofFile({ ...metadata, 'llama.rope.scaling.type': text(type) })).toEqual(await ofConfig(rope));
  });

  it('has the factors of rope_freqs.weight, which are those of Llama 3.1’s scaling', async () => {
    const scaling = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 64 };
    // The formula of llama.cpp's converter, in wavelengths.
    const factors = Array.from({ length: 32 }, (_, pair) => {
      const wavelength = 2 * Math.PI * 10000 ** (pair / 32);
      if (wavelength < 64 / 4) return 1;
      if (wavelength > 64 / 1) return 8;
      const smooth = (64 / wavelength - 1) / (4 - 1);
      return 1 / ((1 - smooth) / 8 + smooth);
    });
    const data = new Uint8Array(Float32Array.from(factors).buffer);
    const found = await ofFile({}, [{ name: 'rope_freqs.weight', shape: [32], type: tensorTypes.F32, data }]);
    const expected = await ofConfig({ rope_type: 'llama3', ...scaling });
    expect(found.scale).toBe(1);
    for (const [pair, frequency] of expected.inverseFrequency.entries())
      expect((found.inverseFrequency[pair] ?? 0) / frequency).toBeCloseTo(1, 6);
    expect(new Set(factors).size).toBeGreaterThan(5);
  });
});
