/**
 * The header of a GGUF file, read and checked in full before anything is mapped. Memory is bounded by what the header holds, and
 * that by 100 MB.
 *
 * Layout (little-endian): "GGUF", u32 version, u64 tensors, u64 keys, the metadata, the list of tensors, and at the next multiple
 * of `general.alignment` the data. Source: docs/gguf.md of ggml-org/ggml.
 */
import { throwProblems } from '../errors.ts';
import { lfsPointer } from '../json-file.ts';
import type { TensorLocation } from '../weight-types.ts';
import { type ByteSource, withFile } from './byte-source.ts';
import { ggufError, limited } from './errors.ts';
import { HeaderCursor } from './header-cursor.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import { locateTensors, readTensorList } from './tensor-list.ts';

export interface GgufHeader {
  readonly file: string;
  readonly version: number;
  readonly metadata: Metadata;
  /** By their names in the file. */
  readonly tensors: ReadonlyMap<string, TensorLocation>;
}

const magic = 'GGUF';
/** What llama.cpp read before GGUF. */
const olderMagics: readonly string[] = ['lmgg', 'fmgg', 'tjgg', 'algg'];
const defaultAlignment = 32;
const maxAlignment = 1 << 20;

/** Throws a WarpsmithError that names the file and what is wrong with it. */
export function readGgufHeader(file: string): GgufHeader {
  return withFile(file, parseGgufHeader);
}

export function parseGgufHeader(source: ByteSource): GgufHeader {
  const { file, sizeBytes } = source;
  const cursor = new HeaderCursor(source);
  const version = readVersion(cursor);
  const tensorCount = cursor.u64('the number of tensors');
  const metadata = readMetadata(cursor, cursor.size('a number of keys'));
  const entries = readTensorList(cursor, tensorCount);
  const alignment = alignmentOf(metadata, file);
  const start = Math.ceil(cursor.position / alignment) * alignment;
  const { tensors, problems } = locateTensors(entries, { file, sizeBytes, start, alignment });
  throwProblems(limited(problems));
  return { file, version, metadata, tensors };
}

function readVersion(cursor: HeaderCursor): number {
  const { file } = cursor;
  const found = cursor.take(4, 'its first word').toString('latin1');
  if (found === 'vers') throw lfsPointer(file);
  if (olderMagics.includes(found)) {
    throw ggufError(file, 'is of a format older than GGUF', 'Convert the model again with llama.cpp: it writes GGUF.');
  }
  if (found !== magic)
    throw ggufError(
      file,
      `is no GGUF file: it begins with ${JSON.stringify(found)}`,
      'Point at a .gguf file, or at the directory of a checkpoint.',
    );
  const version = cursor.u32('the version');
  if (version === 2 || version === 3) return version;
  const convert = 'Convert the model again with llama.cpp';
  if (version % 2 ** 16 === 0 && version !== 0)
    throw ggufError(file, 'is big-endian', `${convert}, on or for a little-endian machine.`);
  throw ggufError(file, `is of version ${version} of GGUF; 2 and 3 are read`, `${convert}.`);
}

function alignmentOf(metadata: Metadata, file: string): number {
  const value = metadata.get('general.alignment');
  if (value === undefined) return defaultAlignment;
  const alignment = value.kind === 'number' && value.type === 'u32' ? value.value : 0;
  if (alignment >= 1 && alignment <= maxAlignment && Number.isInteger(Math.log2(alignment))) return alignment;
  throw ggufError(file, `has a general.alignment that is not a power of two from 1 to ${maxAlignment} in a u32`);
}
