/** GGUF files that tests write, byte by byte: metadata, tensors in any type that can be encoded here, and damage. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBits } from '../../dsl/lang/rounding.ts';

const valueTypes = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  i64: 11,
  f64: 12,
} as const;
export const tensorTypes = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 8,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
  BF16: 30,
} as const;

type ScalarType = Exclude<keyof typeof valueTypes, 'array' | 'string' | 'bool'>;

export type GgufValue =
  | { readonly type: ScalarType; readonly value: number | bigint }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string | Uint8Array }
  | {
      readonly type: 'array';
      readonly of: keyof typeof valueTypes;
      readonly values: readonly (number | bigint | boolean | string)[];
    };

export const text = (value: string | Uint8Array): GgufValue => ({ type: 'string', value });
export const u32 = (value: number): GgufValue => ({ type: 'u32', value });
export const f32 = (value: number): GgufValue => ({ type: 'f32', value });
export const bool = (value: boolean): GgufValue => ({ type: 'bool', value });
export const strings = (values: readonly string[]): GgufValue => ({ type: 'array', of: 'string', values });
export const i32s = (values: readonly number[]): GgufValue => ({ type: 'array', of: 'i32', values });
export const f32s = (values: readonly number[]): GgufValue => ({ type: 'array', of: 'f32', values });

export interface GgufTensor {
  readonly name: string;
  /** The row's length last; the file has it first. */
  readonly shape: readonly (number | bigint)[];
  readonly type: number;
  readonly data: Uint8Array;
  /** In place of where the data lie. */
  readonly offset?: number | bigint;
}

export interface GgufContent {
  readonly metadata: readonly (readonly [string, GgufValue])[];
  readonly tensors: readonly GgufTensor[];
  readonly version?: number;
  readonly magic?: string;
  /** Claimed in place of the true numbers. */
  readonly tensorCount?: bigint;
  readonly keyCount?: bigint;
  /** How the data are laid out; what the metadata say is `general.alignment`. */
  readonly alignment?: number;
}

export function ggufBytes(content: GgufContent): Buffer {
  const { metadata, tensors, version = 3, magic = 'GGUF', alignment = 32 } = content;
  const parts: Buffer[] = [
    Buffer.from(magic, 'latin1'),
    scalar('u32', version),
    scalar('u64', content.tensorCount ?? BigInt(tensors.length)),
    scalar('u64', content.keyCount ?? BigInt(metadata.length)),
  ];
  for (const [key, value] of metadata) parts.push(string(key), scalar('u32', valueTypes[value.type]), encoded(value));
  let offset = 0;
  const data: Buffer[] = [];
  for (const tensor of tensors) {
    parts.push(
      string(tensor.name),
      scalar('u32', tensor.shape.length),
      ...[...tensor.shape].reverse().map((extent) => scalar('u64', BigInt(extent))),
      scalar('u32', tensor.type),
      scalar('u64', BigInt(tensor.offset ?? offset)),
    );
    data.push(padded(Buffer.from(tensor.data), alignment));
    offset += data.at(-1)?.length ?? 0;
  }
  return Buffer.concat([padded(Buffer.concat(parts), alignment), ...data]);
}

export function writeGguf(
  content: GgufContent,
  name = 'model.gguf',
  directory = mkdtempSync(join(tmpdir(), 'gguf-')),
): string {
  const file = join(directory, name);
  writeFileSync(file, ggufBytes(content));
  return file;
}

/** Values as a tensor of a type; rows of Q8_0 are quantized as ggml does, in blocks of 32. */
export function encodeTensor(type: 'F32' | 'F16' | 'BF16' | 'Q8_0', values: ArrayLike<number>): Uint8Array {
  if (type === 'F32') return new Uint8Array(Float32Array.from(values).buffer);
  if (type === 'Q8_0') return quantizeQ8(values);
  const element = type === 'F16' ? 'f16' : 'bf16';
  return new Uint8Array(Uint16Array.from(values, (value) => toBits(element, value)).buffer);
}

/** d is the largest magnitude over 127, in f16. */
function quantizeQ8(values: ArrayLike<number>): Uint8Array {
  const bytes = Buffer.alloc((values.length / 32) * 34);
  for (let block = 0; block < values.length / 32; block++) {
    const own = Array.from({ length: 32 }, (_, i) => values[block * 32 + i] ?? 0);
    const scale = Math.max(...own.map(Math.abs)) / 127;
    bytes.writeUInt16LE(toBits('f16', scale), block * 34);
    for (const [i, value] of own.entries())
      bytes.writeInt8(scale === 0 ? 0 : Math.round(value / scale), block * 34 + 2 + i);
  }
  return bytes;
}

function padded(bytes: Buffer, alignment: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((alignment - (bytes.length % alignment)) % alignment)]);
}

function encoded(value: GgufValue): Buffer {
  switch (value.type) {
    case 'bool':
      return Buffer.of(value.value ? 1 : 0);
    case 'string':
      return string(value.value);
    case 'array':
      return Buffer.concat([
        scalar('u32', valueTypes[value.of]),
        scalar('u64', BigInt(value.values.length)),
        ...value.values.map((entry) => element(value.of, entry)),
      ]);
    default:
      return scalar(value.type, value.value);
  }
}

function element(type: keyof typeof valueTypes, entry: number | bigint | boolean | string): Buffer {
  if (type === 'string') return string(String(entry));
  if (type === 'bool') return Buffer.of(Number(entry));
  if (type === 'array') return Buffer.concat([scalar('u32', valueTypes.u8), scalar('u64', 0n)]);
  return scalar(type, typeof entry === 'bigint' ? entry : Number(entry));
}

function string(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([scalar('u64', BigInt(bytes.length)), bytes]);
}

function scalar(type: ScalarType, value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  switch (type) {
    case 'u8':
      view.setUint8(0, Number(value));
      return bytes.subarray(0, 1);
    case 'i8':
      view.setInt8(0, Number(value));
      return bytes.subarray(0, 1);
    case 'u16':
      view.setUint16(0, Number(value), true);
      return bytes.subarray(0, 2);
    case 'i16':
      view.setInt16(0, Number(value), true);
      return bytes.subarray(0, 2);
    case 'u32':
      view.setUint32(0, Number(value), true);
      return bytes.subarray(0, 4);
    case 'i32':
      view.setInt32(0, Number(value), true);
      return bytes.subarray(0, 4);
    case 'f32':
      view.setFloat32(0, Number(value), true);
      return bytes.subarray(0, 4);
    case 'u64':
      view.setBigUint64(0, BigInt(value), true);
      return bytes;
    case 'i64':
      view.setBigInt64(0, BigInt(value), true);
      return bytes;
    case 'f64':
      view.setFloat64(0, Number(value), true);
      return bytes;
  }
}
