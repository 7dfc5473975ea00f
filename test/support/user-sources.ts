/** The files that a user might have written, which tests copy to a folder outside of the repository. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = fileURLToPath(new URL('../codegen/variants/sources', import.meta.url));

export const sourceFiles: readonly string[] = readdirSync(folder).map((name) => join(folder, name));

/** What a user's file exports. */
export async function importUser(path: string): Promise<Readonly<Record<string, unknown>>> {
  return await import(/* @vite-ignore */ pathToFileURL(path).href);
}
