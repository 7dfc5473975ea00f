/** Where programs of this machine lie. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of a name that PATH finds; null where it finds none. */
export function onPath(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
