import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LLM, type LoadOptions } from '../../index.ts';
import { firstNotFinite, whyNotFinite } from '../../runtime/not-finite.ts';
import { weightTypes } from '../../runtime/weight-types.ts';
import { DamagedModels } from '../support/damaged-model.ts';
import { blockFormats } from '../support/gguf-blocks.ts';
import { tinyModel } from '../support/tiny-model.ts';

const models = new DamagedModels();
const folder = mkdtempSync(join(tmpdir(), 'warpsmith-not-finite-'));
afterAll(() => {
  models.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A tensor of three megabytes and a bit behind one byte, all zeros but for bytes at some places. */
function tensor(dtype: string, bytes: Readonly<Record<number, number>>) {
  const { blockBytes, blockElements } = weightTypes[dtype]!;
  const blocks = Math.ceil(5_000_000 / blockBytes);
  const data = Buffer.alloc(1 + blocks * blockBytes);
  for (const [place, byte] of Object.entries(bytes)) data[1 + Number(place)] = byte;
  const file = join(folder, 'weights');
  writeFileSync(file, data);
  const location = { file, dtype, shape: [blocks * blockElements], byteOffset: 1, byteLength: blocks * blockBytes };
  return { files: [file], tensors: new Map([['w', location]]) };
}

const exponentByte = { BF16: [1, 0x7f, 0x80], F32: [3, 0x7f, 0x80], F16: [1, 0x7c, 0] } as const;

describe('firstNotFinite', () => {
  it.each(Object.entries(exponentByte))(
    'finds NaN and infinity of either sign in %s',
    async (dtype, [high, top, low]) => {
      const { blockBytes } = weightTypes[dtype]!;
      for (const element of [0, 77, 1_200_000])
        for (const sign of [0, 0x80])
          for (const mantissa of [0, 1]) {
            const at = element * blockBytes;
            const bytes = { [at + high]: sign | top, [at + high - 1]: low | mantissa };
            expect(await firstNotFinite(tensor(dtype, bytes))).toEqual({ tensor: 'w', element });
          }
    },
  );

  it.each(Object.entries(exponentByte))('takes the largest number of %s', async (dtype, [high, top, low]) => {
    const bytes = low === 0 ? { [high]: top - 1, [high - 1]: 0xff } : { [high]: top, [high - 1]: 0x7f };
    expect(await firstNotFinite(tensor(dtype, bytes))).toBeNull();
  });

  it.each(Object.entries(blockFormats))(
    'finds scales that are none in %s, and looks at nothing else',
    async (dtype, format) => {
      const block = 20_000;
      for (const scale of format.scales) {
        const found = await firstNotFinite(tensor(dtype, { [block * format.bytes + scale + 1]: 0xfc }));
        expect(found).toEqual({ tensor: 'w', element: block * format.elements });
      }
      const places = Array.from({ length: format.bytes }, (_, place) => place);
      const quants = places.filter((place) => !format.scales.some((scale) => place === scale || place === scale + 1));
      expect(await firstNotFinite(tensor(dtype, Object.fromEntries(quants.map((place) => [place, 0xff]))))).toBeNull();
    },
  );
});

it('says what is likelier where all weights are numbers', async () => {
  const weights = tensor('BF16', {});
  expect(await whyNotFinite(weights, 'f16')).toMatchObject({
    message: expect.stringMatching(/its weights are numbers: .* too large for f16/),
    mend: expect.stringMatching(/--elements bf16 or f32/),
  });
  expect(await whyNotFinite(weights, 'bf16')).toMatchObject({ mend: expect.stringMatching(/config\.json/) });
});

/** The embedded model, bf16, with one element of a tensor replaced by a word. */
function withWord(name: string, element: number, word: number): string {
  const file = readFileSync(join(tinyModel, 'model.safetensors'));
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes));
  file.writeUInt16LE(word, 8 + headerBytes + header[name].data_offsets[0] + 2 * element);
  return models.folder({ files: { 'model.safetensors': file } });
}

/** The embedded model with an output layer of its own, so that a token whose embedding is NaN spoils the texts alone that have it. */
function withNaNToken(token: number): string {
  const width = 256;
  const tied = readFileSync(join(withWord('model.embed_tokens.weight', token * width, 0x7fc0), 'model.safetensors'));
  const headerBytes = Number(tied.readBigUInt64LE(0));
  const header = JSON.parse(tied.toString('utf8', 8, 8 + headerBytes));
  const data = tied.subarray(8 + headerBytes);
  const table = Buffer.from(data.subarray(...header['model.embed_tokens.weight'].data_offsets));
  table.writeUInt16LE(0, 2 * token * width);
  const range = [data.length, data.length + table.length];
  header['lm_head.weight'] = { ...header['model.embed_tokens.weight'], data_offsets: range };
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const file = Buffer.concat([size, text, data, table]);
  return models.folder({ config: { tie_word_embeddings: false }, files: { 'model.safetensors': file } });
}

describe.each<[string, LoadOptions]>([
  ['the CPU', {}],
  ['a simulated GPU', { target: 'cuda', architectures: ['simt'] }],
])('on %s', (_, options) => {
  const nan = 0x7fc0;
  const infinity = 0x7f80;

  it.each([
    ['model.layers.1.mlp.up_proj.weight', nan],
    ['model.norm.weight', infinity],
  ])('a model whose %s is no number is told with its name', async (name, word) => {
    const llm = await LLM.load(withWord(name, 5, word), options);
    const refused = {
      code: 'weights-invalid',
      message: `The model computes NaN: its tensor ${name} holds NaN or infinity at element 5.`,
    };
    await expect(llm.generate('Once', { maxTokens: 2 })).rejects.toMatchObject(refused);
    await expect(llm.score('Once upon')).rejects.toMatchObject(refused);
    await llm.close();
  });

  it('what a NaN left in the cache reaches no other text', async () => {
    const small = { ...options, maxSequences: 1, maxModelLen: 64, enablePrefixCaching: false };
    const params = { maxTokens: 2, temperature: 0 };
    const prompt = Array.from({ length: 12 }, (_, place) => 5 + place);
    const textOf = async (model: LLM) => (await model.generate(prompt, params))[0]?.tokenIds;
    const llm = await LLM.load(withNaNToken(2000), small);
    const before = await textOf(llm);
    // It takes the place of the one before in the cache.
    await expect(llm.generate(new Array(24).fill(2000), params)).rejects.toMatchObject({ code: 'weights-invalid' });
    expect(await textOf(llm)).toEqual(before);
    await llm.close();
  });
});
