/** Puts a built library where its user wants it: as a whole or not at all. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CompileError } from '../errors.ts';
import { diskProblem } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';
import { removeAbandoned, temporaryPath } from './temporary.ts';

/**
 * Copies `directory` and `extra` files to `out`, in place of an engine or an empty folder there. Throws a CompileError where `out`
 * holds anything else, and for a disk that is full or not to be written; then `out` is as it was. Returns the absolute path.
 */
export async function copyEngine(
  directory: string,
  out: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<string> {
  const path = resolve(out);
  refuseStranger(path);
  const beside = temporaryPath(dirname(path), basename(path));
  const before = `${beside}.before`;
  try {
    makeFolder(dirname(path));
    removeAbandoned(dirname(path), basename(path));
    await cp(directory, beside, { recursive: true });
    for (const [name, text] of Object.entries(extra)) writeFileSync(join(beside, name), text);
    if (existsSync(path)) renameSync(path, before);
    renameSync(beside, path);
  } catch (error) {
    if (existsSync(before) && !existsSync(path)) renameSync(before, path);
    const disk = diskProblem(error, path);
    throw disk === null ? error : new CompileError('disk', disk.message, disk.mend);
  } finally {
    // Where a name could not even be looked for, there is nothing to remove.
    for (const left of [beside, before]) if (existsSync(left)) rmSync(left, { recursive: true, force: true });
  }
  return path;
}

/** What is not ours is not removed. */
function refuseStranger(path: string): void {
  if (entriesOf(path).length === 0 || isEngine(path)) return;
  throw new CompileError(
    'option-invalid',
    `${path} is there and holds no engine.`,
    'Give --out a folder that is empty or not there, or one with an engine, which is replaced.',
  );
}

/** Web pages and packages of other programs have a manifest.json too: an engine's tells its ABI and its programs. */
function isEngine(path: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null && 'abi' in manifest && 'programs' in manifest;
  } catch {
    return false;
  }
}

/** A file counts as itself. */
function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENAMETOOLONG' ? [] : [basename(path)];
  }
}
