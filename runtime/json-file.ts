/** Reading a checkpoint's small JSON and text files: bounded, and wrong in words. */
import { readFile, stat } from 'node:fs/promises';
import { WarpsmithError } from './errors.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** The largest text file that is read: the tokenizers of 2026 are below 40 MB. */
const maxFileBytes = 256 * 2 ** 20;

/** The file's text, or null where there is none. Throws `file-unreadable`. */
export async function readTextFile(path: string): Promise<string | null> {
  try {
    const size = await sizeOfRegularFile(path);
    if (size > maxFileBytes) throw tooLarge(path, size);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof WarpsmithError) throw error;
    if (errorCode(error) === 'ENOENT') return null;
    throw unreadable(path, error);
  }
}

/** In bytes, through links. A pipe would be waited for and a device read for ever: throws `file-unreadable`, or what `stat` does. */
export async function sizeOfRegularFile(path: string): Promise<number> {
  const entry = await stat(path);
  if (entry.isFile()) return entry.size;
  throw new WarpsmithError({
    code: 'file-unreadable',
    message: `${path} is ${entry.isDirectory() ? 'a directory' : 'a pipe or a device'}, where a file belongs.`,
    mend: 'Put the file itself there.',
  });
}

/** The file's JSON object, or null where there is no file. Throws `file-unreadable` and `json-invalid`. */
export async function readJsonObject(path: string): Promise<JsonObject | null> {
  const text = await readTextFile(path);
  if (text === null) return null;
  const value = parseJson(text, path);
  if (!isJsonObject(value)) {
    throw new WarpsmithError({
      code: 'json-invalid',
      message: `${path} holds ${describe(value)} where an object belongs.`,
      mend: 'Fetch the file again from where the checkpoint came from.',
    });
  }
  return value;
}

export function parseJson(text: string, path: string): Json {
  const invalid = (what: string, mend: string, cause?: unknown) =>
    new WarpsmithError({ code: 'json-invalid', message: `${path} ${what}.`, mend }, { cause });
  const fetchAgain = 'Fetch the file again from where the checkpoint came from.';
  if (text.startsWith('\uFEFF'))
    throw invalid('begins with a byte order mark, which JSON does not have', 'Save it as UTF-8 without one.');
  if (isLfsPointer(text)) throw lfsPointer(path);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw invalid(`is not JSON: ${error instanceof Error ? error.message : String(error)}`, fetchAgain, error);
  }
}

/** Whether a file begins as what `git clone` leaves where git-lfs is not installed. */
export function isLfsPointer(begin: string): boolean {
  return begin.startsWith('version ');
}

export function lfsPointer(path: string): WarpsmithError {
  return new WarpsmithError({
    code: 'file-unreadable',
    message: `${path} is a Git LFS pointer, not the file that it stands for.`,
    mend: 'Install git-lfs and run `git lfs pull` in the folder of the checkpoint, or fetch the file by other means.',
  });
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, for messages: `a string`, `null`, `a list`. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? `the number ${value}` : `the fraction ${value}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

export function unreadable(path: string, error: unknown): WarpsmithError {
  return new WarpsmithError(
    {
      code: 'file-unreadable',
      message: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      mend: 'Check that it is a regular file and that you may read it.',
    },
    { cause: error },
  );
}

function tooLarge(path: string, sizeBytes: number): WarpsmithError {
  return new WarpsmithError({
    code: 'file-unreadable',
    message: `${path} has ${sizeBytes} bytes; at most ${maxFileBytes} are read.`,
    mend: 'Check that the file is what its name says.',
  });
}
