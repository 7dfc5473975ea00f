/** Generated text in a directory: written, or compared. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { UsageError } from './failure.ts';

/** Text by path below the directory, with `/`. */
export type GeneratedFiles = ReadonlyMap<string, string>;

/** Writes what differs, so that the times of the rest stand. Throws a UsageError where the system refuses. */
export async function writeFiles(directory: string, files: GeneratedFiles): Promise<void> {
  const { makeFolder } = await import('../index.ts');
  try {
    for (const path of await staleFiles(directory, files)) {
      const target = join(directory, path);
      await makeFolder(dirname(target));
      await writeFile(target, files.get(path) ?? '');
    }
  } catch (error) {
    const { code, path = directory } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(
      `${path} cannot be written: ${code}.`,
      'Name a folder of your own, on a disk with room, with --out.',
    );
  }
}

/** Paths of `files` that are missing from the directory or differ there; sorted. */
export async function staleFiles(directory: string, files: GeneratedFiles): Promise<string[]> {
  const present = await existing(directory);
  const differs = await Promise.all(
    [...files].map(
      async ([path, text]) => !present.has(path) || (await readFile(join(directory, path), 'utf8')) !== text,
    ),
  );
  return [...files.keys()].filter((_, place) => differs[place]).sort();
}

/** Paths in the directory that are not among `files`: what a directory of nothing but generated text should not hold. */
export async function leftoverFiles(directory: string, files: GeneratedFiles): Promise<string[]> {
  return [...(await existing(directory))].filter((path) => !files.has(path)).sort();
}

async function existing(directory: string): Promise<ReadonlySet<string>> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return new Set(files.map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
    throw error;
  }
}
