/** The bytes that a GGUF header is read from: a file, or memory. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { errorCode, unreadable } from '../json-file.ts';
import { ggufError } from './errors.ts';

export interface ByteSource {
  /** For messages, and where tensors are mapped from. */
  readonly file: string;
  readonly sizeBytes: number;
  /** Fills `into` from `position` on; how many bytes there were. */
  read(into: Uint8Array, position: number): number;
}

/** Opens the file for the time of `use`. Throws `file-missing` and `file-unreadable`. */
export function withFile<T>(file: string, use: (source: ByteSource) => T): T {
  try {
    // A pipe or a device would block where it is opened.
    if (!statSync(file).isFile())
      throw ggufError(
        file,
        'is not a regular file',
        'Point at a .gguf file, or at the directory of a checkpoint.',
        'file-unreadable',
      );
    const handle = openSync(file, 'r');
    try {
      const { size } = fstatSync(handle);
      return use({ file, sizeBytes: size, read: (into, position) => readSync(handle, into, 0, into.length, position) });
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw ggufError(file, 'is not there', 'Check the path.', 'file-missing');
    if (isSystemError(error)) throw unreadable(file, error);
    throw error;
  }
}

export function memorySource(file: string, bytes: Uint8Array): ByteSource {
  return {
    file,
    sizeBytes: bytes.length,
    read: (into, position) => {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      return part.length;
    },
  };
}

/** Errors of Node's own have a number of the operating system's. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'errno' in error;
}
