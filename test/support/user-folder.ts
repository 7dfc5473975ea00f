/** A folder of a user's own, outside of this repository, that has the package installed by a link. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageRoot = fileURLToPath(new URL('../../', import.meta.url));

export interface UserFolder {
  readonly path: string;
  /** The path of one of its files. */
  file(name: string): string;
  remove(): void;
}

/** A new folder with copies of `files`, whose imports of 'warpsmith/dsl' find the package as they would after an install. */
export function userFolder(files: readonly string[]): UserFolder {
  const path = mkdtempSync(join(tmpdir(), 'warpsmith-user-'));
  mkdirSync(join(path, 'node_modules'));
  symlinkSync(packageRoot, join(path, 'node_modules/warpsmith'));
  for (const file of files) cpSync(file, join(path, basename(file)));
  return { path, file: (name) => join(path, name), remove: () => rmSync(path, { recursive: true, force: true }) };
}
