import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModel } from '../../runtime/open-model.ts';

/** A copy of the embedded checkpoint with some files replaced, or (null) removed. */
async function modelWith(files: Readonly<Record<string, object | null>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'model-'));
  await cp('models/tiny', directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    if (content === null) await rm(join(directory, name));
    else await writeFile(join(directory, name), JSON.stringify(content));
  }
  return directory;
}

describe('openModel', () => {
  it('reads the embedded checkpoint', async () => {
    const model = await openModel('models/tiny');
    expect(model.path).toBe(resolve('models/tiny'));
    expect(model.config).toMatchObject({ architectures: ['Qwen3ForCausalLM'], hidden_size: 256 });
    expect(model.generationDefaults).toEqual({
      temperature: 0.7,
      topP: 0.9,
      topK: null,
      minP: null,
      repetitionPenalty: null,
      eosTokenIds: [2],
    });
    expect(model.chatTemplate).not.toBeNull();
    expect(model.weights.tensors.size).toBe(46);
  });

  it.each([
    ['a list of ends of text', { 'generation_config.json': { eos_token_id: [1, 2] } }, { eosTokenIds: [1, 2] }],
    ['the end of text of config.json', { 'generation_config.json': {} }, { eosTokenIds: [2], temperature: null }],
    ['the end of text of the tokenizer', { 'generation_config.json': null, 'config.json': {} }, { eosTokenIds: [2] }],
    [
      'an end of text in the padding of the vocabulary',
      { 'generation_config.json': null, 'config.json': { vocab_size: 4096, eos_token_id: 4095 } },
      { eosTokenIds: [4095] },
    ],
    [
      'no sampling as temperature 0',
      { 'generation_config.json': { do_sample: false, temperature: 0.7 } },
      { temperature: 0 },
    ],
    [
      'the other defaults',
      { 'generation_config.json': { top_k: 20, min_p: 0.1, repetition_penalty: 1.1 } },
      { topK: 20, minP: 0.1, repetitionPenalty: 1.1 },
    ],
  ])('takes %s', async (_, files, expected) => {
    expect((await openModel(await modelWith(files))).generationDefaults).toMatchObject(expected);
  });

  it.each([
    ['no config.json', { 'config.json': null }, 'file-missing', 'has no config.json'],
    ['no tokenizer', { 'tokenizer.json': null }, 'file-missing', 'has no tokenizer.json'],
    ['no weights', { 'model.safetensors': null }, 'weights-missing', 'model.safetensors'],
    [
      'a temperature that is text',
      { 'generation_config.json': { temperature: 'hot' } },
      'config-invalid',
      'a string for temperature',
    ],
    [
      'a penalty that logits would be divided by 0 for',
      { 'generation_config.json': { repetition_penalty: 0 } },
      'config-invalid',
      'the number 0 for repetition_penalty, where a number above 0 and up to 100 belongs',
    ],
    [
      'half a candidate',
      { 'generation_config.json': { top_k: 1.5 } },
      'config-invalid',
      'the fraction 1.5 for top_k, where a whole number from 0',
    ],
    [
      'an end of text that no row of the model is',
      { 'generation_config.json': { eos_token_id: [2, 2048] } },
      'config-invalid',
      'generation_config.json has the number 2048 for eos_token_id, where a token id below vocab_size, 2048, or a list',
    ],
    [
      'such an end of text in config.json',
      { 'generation_config.json': null, 'config.json': { vocab_size: 2048, eos_token_id: 151645 } },
      'config-invalid',
      '/config.json has the number 151645 for eos_token_id',
    ],
    [
      'an end of text that is empty',
      { 'generation_config.json': { eos_token_id: [null] } },
      'config-invalid',
      'null for',
    ],
    ['an end of text below 0', { 'generation_config.json': { eos_token_id: -1 } }, 'config-invalid', 'eos_token_id'],
  ])('refuses %s', async (_, files, code, message) => {
    const error = expect.objectContaining({
      code,
      message: expect.stringContaining(message),
      mend: expect.any(String),
    });
    await expect(openModel(await modelWith(files))).rejects.toEqual(error);
  });

  it('says that there is no such directory', async () => {
    await expect(openModel('models/none')).rejects.toMatchObject({
      code: 'file-missing',
      message: expect.stringContaining('no directory or file'),
    });
  });
});
