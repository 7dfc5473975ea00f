/** Imports TypeScript. tsx costs half a second: the first module that needs it loads it. */
import { existsSync, realpathSync } from 'node:fs';
import { register as registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PlainImporter } from './import-plain.mjs';

const ROOT = new URL('../', import.meta.url).href;

let isRegistered = false;

/** `bundled` is a folder of modules that take the place of this package's own. */
export async function importTypeScript(url, bundled = null) {
  if (!isRegistered) {
    isRegistered = true;
    const { register } = await import('tsx/esm/api');
    register();
    registerHooks('./typescript-modules.mjs', { parentURL: import.meta.url, data: { bundled } });
  }
  return import(url);
}

/**
 * Imports by path: what the bundle has from there, what is plain TypeScript as esbuild reads it, all else through tsx. `shared`: in a
 * process of the author's, who may have imported the same module, as Node does there if it can.
 */
export function importFromBundle(bundled, { shared = false } = {}) {
  const plain = new PlainImporter((url) => moduleInBundle(url, bundled));
  return async (path) => {
    const url = pathToFileURL(path).href;
    const own = moduleInBundle(url, bundled);
    if (own !== null) return import(own);
    const known = shared ? await importByNode(url) : null;
    if (known !== null) return known;
    // One process has one module for a source: what tsx has begun it goes on with.
    const source = existsSync(path) ? realpathSync(path) : path;
    return (
      plain.imported(source) ?? (isRegistered ? null : await plain.import(source)) ?? importTypeScript(url, bundled)
    );
  };
}

/** Null where Node has no way to import TypeScript, or not all of it. */
async function importByNode(url) {
  try {
    return await import(url);
  } catch (error) {
    if (NOT_BY_NODE.has(error?.code)) return null;
    throw error;
  }
}

const NOT_BY_NODE = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
]);

/** The bundle's module for one of this package's; null where it has none. */
export function moduleInBundle(url, bundled) {
  if (bundled === null || !url.startsWith(ROOT) || !url.endsWith('.ts')) return null;
  const module = `${bundled}${url.slice(ROOT.length, -'.ts'.length)}.js`;
  return existsSync(fileURLToPath(module)) ? module : null;
}
