#!/usr/bin/env node
// Runs the bundle of this package's TypeScript or, where none can be made (dist/ is not to be written), the sources through tsx.
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { importFromBundle, importTypeScript } from './import-typescript.mjs';

if (!hasWorkingDirectory()) {
  process.stderr.write('error: The working directory is not there any more.\nGo to another one, or make it again.\n');
  process.exit(1);
}
const { main } = await program();
process.exitCode = await main(process.argv.slice(2));

async function program() {
  const folder = await bundle().catch(() => null);
  if (folder === null) return importTypeScript(new URL('./main.ts', import.meta.url).href);
  const bundled = pathToFileURL(`${folder}/`).href;
  process.setSourceMapsEnabled(true);
  const { setModuleImporter } = await import(`${bundled}codegen/read/import-module.js`);
  setModuleImporter(importFromBundle(bundled));
  return import(`${bundled}bin/main.js`);
}

/** Of one that was removed Node and packages throw as they are loaded. */
function hasWorkingDirectory() {
  try {
    return process.cwd() !== '';
  } catch {
    return false;
  }
}
