/**
 * This package's TypeScript as JavaScript. An installed package has it in dist/bundle; in a checkout it is made in dist/ on the first
 * run, and again when a source has changed. Every module of dsl/ stays one of its own there, so that an operator's file finds the very
 * objects that the compiler knows. Node imports the package through dist/index.js, dist/dsl.js and dist/codegen.js.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedScript } from './cached-script-plugin.mjs';
import { inTemporary } from './in-temporary.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = join(ROOT, 'dist');
const FOLDERS = ['bin', 'codegen', 'dsl', 'runtime', 'verify'];
const DAY_MS = 24 * 3600 * 1000;

/**
 * Packages that find files beside themselves, and those that are loaded rarely. All others are in the bundle: a file each would take
 * longer to find than to read.
 */
const KEPT_APART = [
  '@huggingface/*',
  'cli-progress',
  'esbuild',
  'koffi',
  'proper-lockfile',
  'tsx',
  'tsx/*',
  'typescript',
];

/** What CommonJS packages take for granted. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

/** Of the bundle that a package brings. */
const PACKED = join(DIST, 'bundle');

/** What `exports` of package.json name, by the module of the bundle behind it. */
const ENTRIES = { 'index.js': 'index.js', 'dsl.js': 'dsl/index.js', 'codegen.js': 'codegen/index.js' };

/** The folder of the bundle of the sources as they are now. Throws where there is none and it cannot be made. */
export async function bundle() {
  if (!isCheckout() && existsSync(PACKED)) return PACKED;
  const sources = sourceFiles();
  const stamps = [...sources, 'package.json'].map((path) => {
    const { mtimeMs, size } = statSync(join(ROOT, path));
    return `${path} ${mtimeMs} ${size}`;
  });
  const folder = join(DIST, createHash('sha256').update(stamps.join('\n')).digest('hex').slice(0, 16));
  if (!existsSync(folder)) {
    await inTemporary(folder, (temporary) => writeBundle(sources, temporary));
    removeOld(folder);
  }
  writeEntries(folder);
  return folder;
}

/** The bundle of a package that is about to be packed. */
export async function packBundle() {
  rmSync(PACKED, { recursive: true, force: true });
  await inTemporary(PACKED, (temporary) => writeBundle(sourceFiles(), temporary));
  writeEntries(PACKED);
}

/** A package has no use for what a checkout needs to be checked and packed. */
function isCheckout() {
  return existsSync(join(ROOT, 'tsconfig.json'));
}

function sourceFiles() {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => /\.(ts|mjs)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  return [...inFolders, 'index.ts'];
}

async function writeBundle(sources, outdir) {
  const { build } = await import('esbuild');
  const modules = sources.filter((path) => path.startsWith('dsl/'));
  await build({
    entryPoints: ['index.ts', 'bin/main.ts', 'codegen/index.ts', 'codegen/read/import-module.ts', ...modules],
    absWorkingDir: ROOT,
    outbase: ROOT,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: KEPT_APART,
    banner: { js: REQUIRE },
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'silent',
    plugins: [ownUrls, cachedScript('ts-morph', ROOT)],
  });
}

/**
 * Templates, models and operators are found from the place of a source, not of the bundle, wherever the package lies. The import is
 * put behind the source, whose lines stay.
 */
const ownUrls = {
  name: 'own-urls',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.url')) return { contents: text, loader: 'ts' };
      const url = `new URL(${JSON.stringify(relative(ROOT, path))}, packageUrl).href`;
      const importUrl = `\nimport { packageUrl } from 'package-url';\n`;
      return { contents: text.replaceAll('import.meta.url', url) + importUrl, loader: 'ts' };
    });
    onResolve({ filter: /^package-url$/ }, ({ path }) => ({ path, namespace: 'package-url' }));
    onLoad({ filter: /./, namespace: 'package-url' }, () => ({ contents: PACKAGE_URL }));
  },
};

const PACKAGE_URL = `import { existsSync } from 'node:fs';
let url = new URL('./', import.meta.url);
while (!existsSync(new URL('package.json', url))) url = new URL('../', url);
export const packageUrl = url;`;

/** In a checkout they follow the bundle. Those that read operators import an author's modules as the command line does. */
function writeEntries(folder) {
  const bundled = `./${basename(folder)}/`;
  const importer = `import { importFromBundle } from '../bin/import-typescript.mjs';
import { setModuleImporter } from '${bundled}codegen/read/import-module.js';

setModuleImporter(importFromBundle(new URL('${bundled}', import.meta.url).href, { shared: true }));
`;
  for (const [name, module] of Object.entries(ENTRIES)) {
    const text = `${name === 'dsl.js' ? '' : importer}export * from '${bundled}${module}';\n`;
    const path = join(DIST, name);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) replaceFile(path, text);
  }
}

function replaceFile(path, text) {
  const folder = mkdtempSync(join(DIST, '.making-'));
  writeFileSync(join(folder, basename(path)), text);
  renameSync(join(folder, basename(path)), path);
  rmSync(folder, { recursive: true, force: true });
}

/** Only bundles that are a day old: a process that still runs from one may load more of it. */
function removeOld(current) {
  for (const name of readdirSync(DIST)) {
    const path = join(DIST, name);
    const isBundle = /^[0-9a-f]{16}$|^\.making-/.test(name);
    if (isBundle && path !== current && Date.now() - statSync(path).mtimeMs > DAY_MS)
      rmSync(path, { recursive: true, force: true });
  }
}
