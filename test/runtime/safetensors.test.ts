import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSafetensorsHeader, readSafetensorsHeader } from '../../runtime/safetensors.ts';

interface Entry {
  readonly dtype?: unknown;
  readonly shape?: unknown;
  readonly data_offsets?: unknown;
}

const f32 = (begin: number, end: number): Entry => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
});

/** What is said of a header over `dataBytes` of data. */
function parse(header: string | Record<string, Entry | object>, dataBytes: number) {
  const bytes = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const { tensors, problems } = parseSafetensorsHeader(bytes, 'm.safetensors', 8 + bytes.length + dataBytes);
  return { tensors, dataStart: 8 + bytes.length, messages: problems.map(({ message }) => message).join('\n') };
}

describe('parseSafetensorsHeader', () => {
  it('locates each tensor in its file', () => {
    const { tensors, dataStart, messages } = parse(
      { __metadata__: { format: 'pt' }, a: { dtype: 'BF16', shape: [2, 3], data_offsets: [0, 12] }, b: f32(12, 20) },
      20,
    );
    expect(messages).toBe('');
    expect(Object.fromEntries(tensors)).toEqual({
      a: { file: 'm.safetensors', dtype: 'BF16', shape: [2, 3], byteOffset: dataStart, byteLength: 12 },
      b: { file: 'm.safetensors', dtype: 'F32', shape: [2], byteOffset: dataStart + 12, byteLength: 8 },
    });
  });

  it('takes metadata that are no text for what they are', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(parse(`{"__metadata__":{"a":${deep}}}`, 0).messages).toBe('');
  });

  it('takes scalars and empty tensors', () => {
    const header = {
      scalar: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
      empty: { dtype: 'I64', shape: [0, 9], data_offsets: [4, 4] },
    };
    expect(parse(header, 4)).toMatchObject({ messages: '', tensors: { size: 2 } });
  });

  it.each([
    ['an overlap', { a: f32(0, 8), b: f32(4, 12) }, 12, '"b" that overlaps'],
    ['a hole', { a: f32(0, 4), b: f32(8, 12) }, 12, 'hole of 4 bytes before the tensor "b"'],
    ['bytes after the last tensor', { a: f32(0, 4) }, 9, '5 bytes after its last tensor'],
    ['a range past the end', { a: f32(0, 8) }, 4, 'ends 4 bytes past the end'],
    ['a range that runs backwards', { a: { dtype: 'U8', shape: [0], data_offsets: [4, 0] } }, 4, 'before it begins'],
    [
      'a shape that does not fill its range',
      { a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } },
      4,
      '8 bytes, in a range of 4',
    ],
    [
      'a product past 2^64',
      { a: { dtype: 'F32', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] } },
      4,
      'which is 4835703278458516698824704 bytes',
    ],
    ['an unknown dtype', { a: { dtype: 'F12', shape: [1], data_offsets: [0, 4] } }, 4, 'of dtype "F12"'],
    [
      'a dtype of every object',
      { a: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } },
      4,
      'of dtype "toString"',
    ],
    ['no dtype', { a: { shape: [1], data_offsets: [0, 4] } }, 4, 'of dtype none'],
    [
      'a dtype of brackets without end',
      `{"a":{"dtype":${'['.repeat(100_000)}${']'.repeat(100_000)},"shape":[],"data_offsets":[0,4]}}`,
      4,
      'of dtype a list',
    ],
    ['a negative extent', { a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4, 'shape is not a list'],
    ['a fraction', { a: { dtype: 'F32', shape: [1.5], data_offsets: [0, 4] } }, 4, 'shape is not a list'],
    ['three offsets', { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 4, 'data_offsets are not two'],
    ['a tensor that is no object', { a: [] }, 0, 'that is a list'],
    [
      'a number past 2^53',
      '{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,9007199254740993]}}',
      4,
      '2^53',
    ],
    [
      'a key twice',
      '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\\u0061":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
      4,
      'names "a" twice',
    ],
    ['a field twice', '{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4, 'names "dtype" twice'],
    ['text that is no JSON', '{"a":', 0, 'not JSON'],
    ['a list', '[]', 0, 'a list and not an object'],
    ['brackets without end', '['.repeat(200_000), 0, 'not JSON'],
  ])('refuses %s', (_, header, dataBytes, message) => {
    expect(parse(header, dataBytes).messages).toContain(message);
  });

  it('reports holes before each of many tensors', () => {
    const tensors = Array.from({ length: 130_000 }, (_, i) => [`t${i}`, f32(8 * i + 4, 8 * i + 8)] as const);
    expect(parse(Object.fromEntries(tensors), 8 * tensors.length).messages).toContain('has 129992 more faults');
  });

  it('reports every tensor that is wrong, up to a number that can be read', () => {
    const broken = Object.fromEntries(Array.from({ length: 20 }, (_, place) => [`t${place}`, {}]));
    const { messages } = parse(broken, 0);
    expect(messages.split('\n')).toHaveLength(9);
    expect(messages).toContain('12 more faults');
  });

  it('accepts only headers whose tensors tile the data', () => {
    const entry = fc.record({
      dtype: fc.constantFrom('U8', 'F32', 'X'),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
      data_offsets: fc.tuple(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 0, max: 16 })),
    });
    const property = fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), entry), (header) => {
      const { tensors, messages, dataStart } = parse(header, 16);
      if (messages !== '') return;
      const owners = Array.from({ length: 16 }, () => 0);
      for (const { byteOffset, byteLength } of tensors.values()) {
        for (let byte = 0; byte < byteLength; byte++) owners[byteOffset - dataStart + byte]! += 1;
      }
      expect(owners.every((count) => count === 1)).toBe(true);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

describe('readSafetensorsHeader', () => {
  async function messagesOf(bytes: Uint8Array): Promise<string> {
    const file = join(await mkdtemp(join(tmpdir(), 'safetensors-')), 'm.safetensors');
    await writeFile(file, bytes);
    const { problems } = await readSafetensorsHeader(file);
    return problems.map(({ message }) => message).join('\n');
  }
  const sized = (size: bigint, rest = '{}') => {
    const bytes = new Uint8Array(8 + rest.length);
    new DataView(bytes.buffer).setBigUint64(0, size, true);
    bytes.set(new TextEncoder().encode(rest), 8);
    return bytes;
  };

  it.each([
    ['an empty file', new Uint8Array(0), '0 bytes'],
    ['a file of seven bytes', new Uint8Array(7), '7 bytes'],
    ['a header past the end', sized(3n), 'header of 3 bytes and has 10 in all'],
    ['a header above the limit', sized(2n ** 63n), 'at most 100000000'],
    ['bytes that are no UTF-8', sized(2n, '{}').fill(0xff, 8), 'not JSON'],
  ])('refuses %s', async (_, bytes, message) => {
    expect(await messagesOf(bytes)).toContain(message);
  });

  it('reads a file without tensors', async () => {
    expect(await messagesOf(sized(2n))).toBe('');
  });

  it('says which file is not there', async () => {
    await expect(readSafetensorsHeader('/nowhere/m.safetensors')).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});
