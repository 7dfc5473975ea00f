/** A folder and those above it. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './json-file.ts';

/**
 * As mkdir with `recursive`, which in Node never ends below a folder that is there and takes none: /proc, which is the home of some
 * users of services.
 *
 * @throws Error of Node's, such as `EACCES` and `ENOSPC`, where the folder cannot be made.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) === 'ENOENT' && parent !== path) {
      await makeFolder(parent);
      await mkdir(path).catch((again: unknown) => unlessThere(path, again));
    } else {
      await unlessThere(path, error);
    }
  }
}

/** Another process may have been faster. */
async function unlessThere(path: string, error: unknown): Promise<void> {
  const entry = await stat(path).catch(() => null);
  if (!entry?.isDirectory()) throw error;
}
