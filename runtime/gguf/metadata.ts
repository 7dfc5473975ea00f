/** The values of a GGUF file's metadata, by key. Source: docs/gguf.md of ggml-org/ggml. */
import { ggufError, quoted } from './errors.ts';
import type { HeaderCursor } from './header-cursor.ts';

const numberTypes = {
  u8: { bytes: 1, read: (from: Buffer, at: number) => from.readUInt8(at) },
  i8: { bytes: 1, read: (from: Buffer, at: number) => from.readInt8(at) },
  u16: { bytes: 2, read: (from: Buffer, at: number) => from.readUInt16LE(at) },
  i16: { bytes: 2, read: (from: Buffer, at: number) => from.readInt16LE(at) },
  u32: { bytes: 4, read: (from: Buffer, at: number) => from.readUInt32LE(at) },
  i32: { bytes: 4, read: (from: Buffer, at: number) => from.readInt32LE(at) },
  f32: { bytes: 4, read: (from: Buffer, at: number) => from.readFloatLE(at) },
  // Beyond 2^53 the nearest number stands for the value; whoever takes an integer asks for a safe one.
  u64: { bytes: 8, read: (from: Buffer, at: number) => Number(from.readBigUInt64LE(at)) },
  i64: { bytes: 8, read: (from: Buffer, at: number) => Number(from.readBigInt64LE(at)) },
  f64: { bytes: 8, read: (from: Buffer, at: number) => from.readDoubleLE(at) },
} as const;

type NumberType = keyof typeof numberTypes;

/** By number. */
const valueTypes = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'f32',
  'bool',
  'string',
  'array',
  'u64',
  'i64',
  'f64',
] as const;

type ValueType = (typeof valueTypes)[number];

export type MetadataValue =
  | { readonly kind: 'number'; readonly type: NumberType; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  | { readonly kind: 'numbers'; readonly type: NumberType | 'bool'; readonly values: Float64Array };

export type Metadata = ReadonlyMap<string, MetadataValue>;

/** Entries of all arrays of a file together: vocabulary and merges of the largest tokenizers have a million. */
const maxArrayEntries = 1 << 22;
const maxKeys = 1 << 16;
const maxKeyBytes = 65535;

/** `count` pairs of a key and a value. */
export function readMetadata(cursor: HeaderCursor, count: number): Metadata {
  if (count > maxKeys) throw ggufError(cursor.file, `claims ${count} keys of metadata; at most ${maxKeys} are allowed`);
  const metadata = new Map<string, MetadataValue>();
  const budget = { entries: maxArrayEntries };
  for (let place = 0; place < count; place++) {
    const key = cursor.string(`key ${place} of the metadata`, maxKeyBytes);
    if (key === '') throw ggufError(cursor.file, `has an empty key of metadata, its ${place}th`);
    if (metadata.has(key)) throw ggufError(cursor.file, `has the key ${quoted(key)} twice`);
    metadata.set(key, readValue(cursor, key, budget));
  }
  return metadata;
}

function readValue(cursor: HeaderCursor, key: string, budget: { entries: number }): MetadataValue {
  const type = readType(cursor, key);
  switch (type) {
    case 'bool':
      return { kind: 'bool', value: readBool(cursor.take(1, quoted(key)).readUInt8(), cursor, key) };
    case 'string':
      return { kind: 'string', value: cursor.string(quoted(key)) };
    case 'array':
      return readArray(cursor, key, budget);
    default:
      return {
        kind: 'number',
        type,
        value: numberTypes[type].read(cursor.take(numberTypes[type].bytes, quoted(key)), 0),
      };
  }
}

/** A type of entries, how many, and the entries. */
function readArray(cursor: HeaderCursor, key: string, budget: { entries: number }): MetadataValue {
  const type = readType(cursor, key);
  if (type === 'array')
    throw ggufError(
      cursor.file,
      `has an array of arrays under ${quoted(key)}`,
      'Such metadata is not read: write the file without that key.',
    );
  const count = cursor.u64(`the length of ${quoted(key)}`);
  // A string has its length, a u64.
  const entryBytes = type === 'string' ? 8 : type === 'bool' ? 1 : numberTypes[type].bytes;
  cursor.require(count * BigInt(entryBytes), `${quoted(key)}, an array of ${count},`);
  budget.entries -= Number(count);
  if (budget.entries < 0) {
    throw ggufError(
      cursor.file,
      `has arrays of more than ${maxArrayEntries} entries in its metadata, ${quoted(key)} among them`,
    );
  }
  if (type === 'string') {
    const values: string[] = [];
    for (let place = 0; place < count; place++) values.push(cursor.string(`entry ${place} of ${quoted(key)}`));
    return { kind: 'strings', values };
  }
  const bytes = cursor.take(Number(count) * entryBytes, quoted(key));
  const values = Float64Array.from({ length: Number(count) }, (_, place) =>
    type === 'bool'
      ? Number(readBool(bytes.readUInt8(place), cursor, key))
      : numberTypes[type].read(bytes, place * entryBytes),
  );
  return { kind: 'numbers', type, values };
}

function readType(cursor: HeaderCursor, key: string): ValueType {
  const number = cursor.u32(`the type of ${quoted(key)}`);
  const type = valueTypes[number];
  if (type === undefined)
    throw ggufError(
      cursor.file,
      `has a value of type ${number} under ${quoted(key)}; known are 0 to ${valueTypes.length - 1}`,
    );
  return type;
}

/** The format has any other byte be invalid. */
function readBool(byte: number, cursor: HeaderCursor, key: string): boolean {
  if (byte > 1) throw ggufError(cursor.file, `has the byte ${byte} for a truth value under ${quoted(key)}`);
  return byte === 1;
}
