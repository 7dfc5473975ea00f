/**
 * Hooks for TypeScript that Node imports: every file is an ES module, whatever the package.json above it says, since a folder of
 * operators needs none; and a module of this package is the bundle's, of which the process has objects already.
 */
import { moduleInBundle } from './import-typescript.mjs';

let bundled = null;

export function initialize(data) {
  bundled = data.bundled;
}

/** What this package exports, by the names that an author imports. */
const OWN = { warpsmith: 'index.ts', 'warpsmith/dsl': 'dsl/index.ts', 'warpsmith/codegen': 'codegen/index.ts' };

export async function resolve(specifier, context, next) {
  const source = OWN[specifier];
  const resolved = await next(
    source === undefined ? specifier : new URL(`../${source}`, import.meta.url).href,
    context,
  );
  const path = resolved.url.split('?')[0];
  if (!path.startsWith('file:') || !path.endsWith('.ts')) return resolved;
  return { ...resolved, url: moduleInBundle(path, bundled) ?? resolved.url, format: 'module' };
}
