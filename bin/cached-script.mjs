/** A CommonJS package as one script beside the code that V8 made of it: without, a parser of TypeScript takes half a second to load. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { inTemporary } from './in-temporary.mjs';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const require = createRequire(import.meta.url);

const SCRIPT = 'script.cjs';
const CODE = 'script.code';

/** The package's exports: from its script in dist/, which the first process makes, or as Node loads it where dist/ is not to be written. */
export async function loadScript(name) {
  try {
    const { version } = require(`${name}/package.json`);
    const folder = join(DIST, `${name}-${version}-${process.version}-${process.arch}`);
    await inTemporary(folder, (temporary) => writeScript(name, temporary));
    // Code of another V8 is not used: it is compiled again.
    return run(scriptIn(folder, readFileSync(join(folder, CODE))), folder);
  } catch {
    return require(name);
  }
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
