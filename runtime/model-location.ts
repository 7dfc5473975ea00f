/** Which form a checkpoint has that a path names: a directory in the Hugging Face layout, or a GGUF file. */
import { access, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ggufOf, readGgufModel } from './gguf/open-gguf.ts';

export type ModelLocation =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'gguf'; readonly path: string };

/** `path` of the result is absolute. A directory holds a GGUF model where it has one and no config.json. Reads no file. */
export async function locateModel(path: string): Promise<ModelLocation> {
  const absolute = resolve(path);
  const entry = await stat(absolute).catch(() => null);
  if (entry === null) return { kind: 'directory', path: absolute };
  if (!entry.isDirectory()) return { kind: 'gguf', path: absolute };
  const hasConfig = await access(join(absolute, 'config.json')).then(
    () => true,
    () => false,
  );
  const file = hasConfig ? null : await ggufOf(absolute);
  return file === null ? { kind: 'directory', path: absolute } : { kind: 'gguf', path: file };
}

/**
 * What the metadata of a GGUF model mean as the text of config.json; undefined for a directory, which has that file.
 *
 * @throws WarpsmithError `weights-invalid` for a file that is damaged, `file-missing` for a part of a split one, `model-unsupported` for an
 * architecture that is not known.
 */
export async function configTextOf(path: string): Promise<string | undefined> {
  const location = await locateModel(path);
  return location.kind === 'gguf' ? JSON.stringify(readGgufModel(location.path).config) : undefined;
}
