/** The checkpoint that the package brings. */
import { existsSync } from 'node:fs';
import { normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Its name wherever a checkpoint is named, and its place in the package. */
const NAME = 'models/tiny';

const DIRECTORY = fileURLToPath(new URL(`../${NAME}`, import.meta.url));

/** `models/tiny` is the package's where the working directory has no such folder of its own; every other path is itself. */
export function checkpointPath(path: string): string {
  return normalize(path) === normalize(NAME) && !existsSync(path) ? DIRECTORY : path;
}
