/** A CommonJS package as one script beside the code that V8 made of it: without, a parser of TypeScript takes half a second to load. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

const require = createRequire(import.meta.url);

const SCRIPT = 'script.cjs';
const CODE = 'script.code';

export function exportedNames(name) {
  return Object.keys(require(name));
}

/** The folder of the package's script, of `makeFolder(name, fill)`. */
export function scriptFolder(name, makeFolder) {
  const { version } = require(`${name}/package.json`);
  return makeFolder(`${name}-${version}-${process.version}-${process.arch}`, (folder) => writeScript(name, folder));
}

async function writeScript(name, folder) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [require.resolve(name)],
    outfile: join(folder, SCRIPT),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    charset: 'ascii',
    logLevel: 'silent',
  });
  const script = scriptIn(folder);
  warmUp(run(script, folder));
  writeFileSync(join(folder, CODE), script.createCachedData());
}

/** V8 keeps the code of functions that have run. */
function warmUp({ Project }) {
  const text = readFileSync(new URL('./main.ts', import.meta.url), 'utf8');
  const source = new Project({ useInMemoryFileSystem: true }).createSourceFile('main.ts', text);
  source.forEachDescendant((node) => node.getText());
}

/** The exports of the script in `folder`. Code of another V8 is not used: it is compiled again. */
export function loadScript(folder) {
  return run(scriptIn(folder, readFileSync(join(folder, CODE))), folder);
}

function scriptIn(folder, cachedData) {
  const filename = join(folder, SCRIPT);
  // As esbuild writes it, it is ASCII, which as such is read in half the time.
  const text = readFileSync(filename, 'latin1');
  return new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename,
    cachedData,
  });
}

function run(script, folder) {
  const filename = join(folder, SCRIPT);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, folder);
  return module.exports;
}
