/** Imports TypeScript through tsx, which costs a fifth of a second: the first module that needs it loads it. */
import { existsSync } from 'node:fs';
import { register as registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

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

/** Imports by path: what the bundle has from there, all else through tsx. */
export function importFromBundle(bundled) {
  return (path) => {
    const url = pathToFileURL(path).href;
    const own = moduleInBundle(url, bundled);
    return own === null ? importTypeScript(url, bundled) : import(own);
  };
}

/** The bundle's module for one of this package's; null where it has none. */
export function moduleInBundle(url, bundled) {
  if (bundled === null || !url.startsWith(ROOT) || !url.endsWith('.ts')) return null;
  const module = `${bundled}${url.slice(ROOT.length, -'.ts'.length)}.js`;
  return existsSync(fileURLToPath(module)) ? module : null;
}
