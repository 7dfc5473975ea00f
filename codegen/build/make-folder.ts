/** A folder and those above it. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * As mkdirSync with `recursive`, which in Node never ends below a folder that is there and takes none: /proc, which is the home of
 * some users of services.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && parent !== path) {
      makeFolder(parent);
      makeLast(path);
    } else if (!isFolder(path)) throw error;
  }
}

/** Another process may be faster. */
function makeLast(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
