/**
 * A content-addressed store on disk: an entry is made under a name of its own and published by renaming it, so that two
 * processes that build the same thing at once both end up with a whole one.
 */
import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CompileError } from '../errors.ts';
import { diskProblem } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';
import { removeAbandoned, temporaryPath } from './temporary.ts';

/**
 * $WARPSMITH_CACHE, else warpsmith/ in $XDG_CACHE_HOME, else in ~/.cache; absolute, since compilers run elsewhere. Throws a
 * CompileError for a user without a home, as containers have them.
 */
export function cacheRoot(): string {
  const { WARPSMITH_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  return resolve(own || join(caches || join(home(), '.cache'), 'warpsmith'));
}

function home(): string {
  try {
    const path = homedir();
    if (path !== '') return path;
  } catch {
    // Neither HOME nor an entry for the user.
  }
  throw new CompileError(
    'disk',
    'This user has no home, in which engines would be kept.',
    'Name a folder of your own in WARPSMITH_CACHE.',
  );
}

export function contentHash(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}\n`).update(part);
  return hash.digest('hex').slice(0, 24);
}

/**
 * The path of entry `name` in `folder` of the store, made by `make(temporaryPath)` if it is not there yet. Throws a CompileError
 * for a disk that is full or not to be written, and leaves nothing of the entry there; what a killed process left of one goes.
 */
export async function cached(
  folder: string,
  name: string,
  make: (temporaryPath: string) => Promise<void>,
): Promise<{ readonly path: string; readonly hit: boolean }> {
  const parent = join(cacheRoot(), folder);
  const path = join(parent, name);
  if (existsSync(path)) return { path, hit: true };
  const temporary = temporaryPath(parent, name);
  try {
    makeFolder(parent);
    removeAbandoned(parent);
    await make(temporary);
    publish(temporary, path);
  } catch (error) {
    const disk = diskProblem(error, cacheRoot());
    throw disk === null ? error : new CompileError('disk', disk.message, disk.mend);
  } finally {
    // Where it could not even be begun, there is nothing to remove.
    if (existsSync(temporary)) rmSync(temporary, { recursive: true, force: true });
  }
  return { path, hit: false };
}

/** Writes entry `name` of `folder`, whatever is there: for what refers to another place and may be out of date. */
export function replaceEntry(folder: string, name: string, text: string): void {
  const parent = join(cacheRoot(), folder);
  makeFolder(parent);
  const temporary = temporaryPath(parent, name);
  writeFileSync(temporary, text);
  renameSync(temporary, join(parent, name));
}

/** Renames; where another process was faster and a folder stands there already, its entry is as good. */
function publish(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
