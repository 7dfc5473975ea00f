/**
 * The header of a safetensors file, checked in full before anything is mapped. Tensor data is never read here.
 *
 * Layout: u64 little-endian header size, a JSON object of that size, then the data. `data_offsets` count from the data's start.
 * Source: the format's description in the README of huggingface/safetensors, whose limits (100 MB of header, no holes) are kept.
 */
import { open } from 'node:fs/promises';
import { type Problem, WarpsmithError } from './errors.ts';
import {
  describe,
  errorCode,
  isJsonObject,
  isLfsPointer,
  type Json,
  type JsonObject,
  lfsPointer,
  sizeOfRegularFile,
  unreadable,
} from './json-file.ts';
import { duplicateKeys } from './json-keys.ts';
import type { TensorLocation } from './weight-types.ts';

/** Bytes an element of each dtype of the format has. */
const safetensorsDtypes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type SafetensorsDtype = keyof typeof safetensorsDtypes;

interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorLocation>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

const maxHeaderBytes = 100_000_000;
const maxReported = 8;

/** Reads and checks one file's header. All problems of the file are returned together; throws only `file-unreadable`. */
export async function readSafetensorsHeader(file: string): Promise<SafetensorsHeader> {
  try {
    await sizeOfRegularFile(file);
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const prefix = new Uint8Array(8);
      if (size < 8 || (await handle.read(prefix, 0, 8, 0)).bytesRead < 8) {
        return refused(file, `has ${size} bytes, not even the 8 of a header's size`);
      }
      if (isLfsPointer(Buffer.from(prefix).toString('latin1'))) throw lfsPointer(file);
      const headerBytes = new DataView(prefix.buffer).getBigUint64(0, true);
      if (headerBytes > BigInt(maxHeaderBytes)) {
        return refused(file, `claims a header of ${headerBytes} bytes; at most ${maxHeaderBytes} are allowed`);
      }
      if (8n + headerBytes > BigInt(size)) {
        return refused(file, `claims a header of ${headerBytes} bytes and has ${size} in all`);
      }
      const header = new Uint8Array(Number(headerBytes));
      const { bytesRead } = await handle.read(header, 0, header.length, 8);
      if (bytesRead < header.length) return refused(file, 'ended while its header was read');
      return parseSafetensorsHeader(header, file, size);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!(error instanceof WarpsmithError) && errorCode(error) !== null) throw unreadable(file, error);
    throw error;
  }
}

/** Checks the header's JSON against the size of its file in bytes. */
export function parseSafetensorsHeader(header: Uint8Array, file: string, fileBytes: number): SafetensorsHeader {
  let text: string;
  let json: Json;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    json = JSON.parse(text) as Json;
  } catch (error) {
    return refused(file, `has a header that is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isJsonObject(json)) return refused(file, `has a header that is ${describe(json)} and not an object`);

  const found: string[] = duplicateKeys(text).map((key) => `names ${JSON.stringify(key)} twice in its header`);
  const dataStart = 8 + header.length;
  const tensors = new Map<string, TensorLocation>();
  const metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(json)) {
    if (name === '__metadata__') {
      if (isJsonObject(entry))
        for (const [key, value] of Object.entries(entry))
          metadata[key] = typeof value === 'string' ? value : describe(value);
      else found.push(`has a __metadata__ that is ${describe(entry)} and not an object`);
      continue;
    }
    const location = tensorLocation(entry, file, dataStart, fileBytes);
    if (typeof location === 'string') found.push(`has a tensor ${JSON.stringify(name)} ${location}`);
    else tensors.set(name, location);
  }
  // Of as many as there are tensors; what spreads them into arguments would run out of stack.
  const all = found.length > 0 ? found : gapsAndOverlaps(tensors, dataStart, fileBytes);
  return { tensors, metadata, problems: limited(all).map((what) => problem(file, what)) };
}

/** The tensor's place, or what is wrong with it. */
function tensorLocation(entry: Json, file: string, dataStart: number, fileBytes: number): TensorLocation | string {
  if (!isJsonObject(entry)) return `that is ${describe(entry)} and not an object`;
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = entry as JsonObject & { dtype?: Json; shape?: Json; data_offsets?: Json };
  if (typeof dtype !== 'string' || !isDtype(dtype)) {
    const found = typeof dtype === 'string' ? JSON.stringify(dtype) : dtype === undefined ? 'none' : describe(dtype);
    return `of dtype ${found}; known are ${Object.keys(safetensorsDtypes).join(', ')}`;
  }
  if (!isSizeList(shape)) return `whose shape is not a list of whole numbers from 0 to 2^53 - 1`;
  if (!isSizeList(offsets) || offsets.length !== 2)
    return `whose data_offsets are not two whole numbers from 0 to 2^53 - 1`;
  const [begin, end] = offsets as readonly [number, number];
  if (begin > end) return `that ends at ${end}, before it begins at ${begin}`;
  if (dataStart + end > fileBytes) return `that ends ${dataStart + end - fileBytes} bytes past the end of the file`;
  const byteLength = shape.reduce((product, extent) => product * BigInt(extent), BigInt(safetensorsDtypes[dtype]));
  if (byteLength !== BigInt(end - begin)) {
    return `of shape [${shape.join(', ')}] and dtype ${dtype}, which is ${byteLength} bytes, in a range of ${end - begin}`;
  }
  return { file, dtype, shape, byteOffset: dataStart + begin, byteLength: end - begin };
}

/** The format has every byte of the data belong to exactly one tensor. */
function gapsAndOverlaps(tensors: ReadonlyMap<string, TensorLocation>, dataStart: number, fileBytes: number): string[] {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  const found: string[] = [];
  let end = dataStart;
  for (const [name, { byteOffset, byteLength }] of inOrder) {
    if (byteOffset < end) found.push(`has a tensor ${JSON.stringify(name)} that overlaps the one before it`);
    else if (byteOffset > end)
      found.push(`has a hole of ${byteOffset - end} bytes before the tensor ${JSON.stringify(name)}`);
    end = Math.max(end, byteOffset + byteLength);
  }
  if (found.length === 0 && end < fileBytes) found.push(`has ${fileBytes - end} bytes after its last tensor`);
  return found;
}

function isDtype(dtype: string): dtype is SafetensorsDtype {
  return Object.hasOwn(safetensorsDtypes, dtype);
}

function isSizeList(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && Number(item) >= 0);
}

function limited(found: readonly string[]): readonly string[] {
  if (found.length <= maxReported) return found;
  return [...found.slice(0, maxReported), `has ${found.length - maxReported} more faults of this kind`];
}

function refused(file: string, what: string): SafetensorsHeader {
  return { tensors: new Map(), metadata: {}, problems: [problem(file, what)] };
}

function problem(file: string, what: string): Problem {
  return {
    code: 'weights-invalid',
    message: `${file} ${what}.`,
    mend: 'Fetch the file again: it is truncated, damaged, or no safetensors file.',
  };
}
