import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpointWeights } from '../../runtime/checkpoint-weights.ts';

/** A safetensors file of u8 vectors: name to length. */
function shard(tensors: Readonly<Record<string, number>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, length]) => {
    end += length;
    return [name, { dtype: 'U8', shape: [length], data_offsets: [end - length, end] }];
  });
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const bytes = new Uint8Array(8 + header.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  return bytes;
}

async function directoryOf(files: Readonly<Record<string, Uint8Array | object>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'weights-'));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  return directory;
}

const indexFile = 'model.safetensors.index.json';

describe('readCheckpointWeights', () => {
  it('reads the embedded checkpoint', async () => {
    const { files, tensors } = await readCheckpointWeights('models/tiny');
    expect(files).toEqual(['models/tiny/model.safetensors']);
    expect(tensors.get('model.embed_tokens.weight')).toMatchObject({
      dtype: 'BF16',
      shape: [2048, 256],
      byteLength: 2 ** 20,
    });
    expect(tensors.size).toBe(46);
  });

  it('takes each tensor from the shard that the index names', async () => {
    const directory = await directoryOf({
      [indexFile]: { weight_map: { a: '1.safetensors', b: '2.safetensors' } },
      '1.safetensors': shard({ a: 3, b: 1, 'model.layers.0.self_attn.rotary_emb.inv_freq': 4 }),
      '2.safetensors': shard({ b: 5 }),
    });
    const { files, tensors } = await readCheckpointWeights(directory);
    expect(files).toHaveLength(2);
    expect(tensors.get('b')).toMatchObject({ file: join(directory, '2.safetensors'), byteLength: 5 });
    expect(tensors.get('a')).toMatchObject({ file: join(directory, '1.safetensors'), byteLength: 3 });
  });

  it('misses no buffer that follows from the config, which an index of older weights names', async () => {
    const directory = await directoryOf({
      [indexFile]: {
        weight_map: { a: '1.safetensors', 'model.layers.0.self_attn.rotary_emb.inv_freq': '1.safetensors' },
      },
      '1.safetensors': shard({ a: 3 }),
    });
    const { tensors } = await readCheckpointWeights(directory);
    expect([...tensors.keys()]).toEqual(['a']);
  });

  it.each([
    ['no weights', {}, 'weights-missing', 'neither'],
    [
      'a shard that is not there',
      { [indexFile]: { weight_map: { a: '1.safetensors' } } },
      'weights-missing',
      'is not there',
    ],
    [
      'a tensor that the index does not name',
      { [indexFile]: { weight_map: { a: '1.safetensors' } }, '1.safetensors': shard({ a: 1, 'lora_A.weight': 1 }) },
      'weights-invalid',
      '1.safetensors has "lora_A.weight", which model.safetensors.index.json does not name',
    ],
    [
      'more such tensors than are told',
      {
        [indexFile]: { weight_map: { a: '1.safetensors' } },
        '1.safetensors': shard({ a: 1, ...Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`b${i}`, 1])) }),
      },
      'weights-invalid',
      'There are 3 more problems like these',
    ],
    [
      'a tensor that its shard lacks',
      { [indexFile]: { weight_map: { a: '1.safetensors' } }, '1.safetensors': shard({ b: 1 }) },
      'weights-invalid',
      'which lacks it',
    ],
    [
      'a shard outside the directory',
      { [indexFile]: { weight_map: { a: '../1.safetensors' } } },
      'weights-invalid',
      'beside it',
    ],
    ['a shard that is a number', { [indexFile]: { weight_map: { a: 1 } } }, 'weights-invalid', 'beside it'],
    ['an index without a map', { [indexFile]: {} }, 'weights-invalid', 'no weight_map'],
    [
      'a tensor named twice in the index',
      { [indexFile]: new TextEncoder().encode('{"weight_map":{"a":"1.safetensors","a":"2.safetensors"}}') },
      'weights-invalid',
      'names "a" twice',
    ],
    ['a damaged shard', { 'model.safetensors': shard({ a: 4 }).subarray(0, -2) }, 'weights-invalid', 'past the end'],
  ])('refuses %s', async (_, files, code, message) => {
    const error = expect.objectContaining({
      code,
      message: expect.stringContaining(message),
      mend: expect.any(String),
    });
    await expect(readCheckpointWeights(await directoryOf(files))).rejects.toEqual(error);
  });
});
