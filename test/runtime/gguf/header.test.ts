/** Headers as another reader has them: @huggingface/gguf, which is written independently. */
import { GGMLQuantizationType, gguf } from '@huggingface/gguf';
import { describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../../runtime/gguf/header.ts';
import { MetadataReader, shortest } from '../../../runtime/gguf/metadata-reader.ts';
import { type GgufValue, writeGguf } from '../../support/gguf-file.ts';
import { miniGguf } from '../../support/gguf-mini.ts';
import { tinyGguf } from '../../support/gguf-tiny.ts';

const scalars: readonly (readonly [string, GgufValue])[] = [
  ['some.u8', { type: 'u8', value: 255 }],
  ['some.i8', { type: 'i8', value: -128 }],
  ['some.u16', { type: 'u16', value: 65535 }],
  ['some.i16', { type: 'i16', value: -32768 }],
  ['some.u32', { type: 'u32', value: 2 ** 32 - 1 }],
  ['some.i32', { type: 'i32', value: -(2 ** 31) }],
  ['some.f32', { type: 'f32', value: 0.1 }],
  ['some.u64', { type: 'u64', value: 2n ** 53n - 1n }],
  ['some.i64', { type: 'i64', value: -(2n ** 53n) + 1n }],
  ['some.f64', { type: 'f64', value: 0.1 }],
  ['some.bool', { type: 'bool', value: true }],
  ['some.string', { type: 'string', value: 'é🙂\u0000' }],
  ['some.strings', { type: 'array', of: 'string', values: ['', 'a', 'é'] }],
  ['some.bools', { type: 'array', of: 'bool', values: [true, false] }],
  ['some.i64s', { type: 'array', of: 'i64', values: [-1n, 2n ** 40n] }],
  ['some.none', { type: 'array', of: 'f32', values: [] }],
];

describe('the header of a GGUF file', () => {
  it.each([
    ['of the embedded model', tinyGguf()],
    ['of the embedded model in Q8_0, as Llama', tinyGguf({ type: 'Q8_0', architecture: 'llama' })],
    ['of all kinds of values', { ...miniGguf('llama'), metadata: [...miniGguf('llama').metadata, ...scalars] }],
    [
      'aligned to 4096',
      {
        ...miniGguf('qwen3'),
        metadata: [['general.alignment', { type: 'u32', value: 4096 }]],
        alignment: 4096,
      } as const,
    ],
    ['of version 2', { ...miniGguf('qwen3'), version: 2 }],
  ])('%s', async (_, content) => {
    const file = writeGguf(content);
    const other = await gguf(file, { allowLocalFile: true });
    const { metadata, tensors, version } = readGgufHeader(file);

    expect(version).toBe(other.metadata.version);
    const located = other.tensorInfos.map(({ name, shape, dtype, offset }) => ({
      name,
      shape: shape.map(Number).reverse(),
      dtype: GGMLQuantizationType[dtype],
      byteOffset: Number(other.tensorDataOffset + offset),
    }));
    expect([...tensors].map(([name, { shape, dtype, byteOffset }]) => ({ name, shape, dtype, byteOffset }))).toEqual(
      located,
    );

    // The package adds the three numbers of the header to the keys.
    const {
      version: _version,
      tensor_count: _tensors,
      kv_count: _keys,
      ...values
    } = other.metadata as Record<string, unknown>;
    const plain = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(plain);
      return typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : value;
    };
    const found = [...metadata].map(([key, value]) => [
      key,
      plain('values' in value ? [...value.values] : value.value),
    ]);
    expect(found).toEqual(Object.entries(values).map(([key, value]) => [key, plain(value)]));
  });
});

describe('strings of metadata', () => {
  it('keep a mark of byte order, which is a token of its own in some vocabularies', () => {
    const file = writeGguf({ metadata: [['some.string', { type: 'string', value: '\ufeffb' }]], tensors: [] });
    expect(readGgufHeader(file).metadata.get('some.string')).toEqual({ kind: 'string', value: '\ufeffb' });
  });
});

describe('numbers of metadata', () => {
  it('are the shortest that round to the same f32', () => {
    for (const value of [1e-6, 1e-5, 0.1, 10000, 500000, 1e6, 8, 1 / 3, 5e-7, 3.4e38, 1e-45])
      expect([shortest(Math.fround(value)), Math.fround(shortest(Math.fround(value)))]).toEqual([
        value === 1 / 3 ? 0.33333334 : value,
        Math.fround(value),
      ]);
  });

  it('past 2^53 are no sizes', () => {
    const file = writeGguf({ metadata: [['some.size', { type: 'u64', value: 2n ** 63n }]], tensors: [] });
    const reader = new MetadataReader(file, readGgufHeader(file).metadata);
    reader.count('some.size');
    expect(reader.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('where one positive integer'),
    ]);
  });
});
