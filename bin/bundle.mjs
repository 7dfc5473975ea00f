/**
 * This package's TypeScript as JavaScript: made in dist/ on the first run, and again when a source has changed. Every module of dsl/
 * stays one of its own there, so that an operator's file finds the very objects that the compiler knows.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { exportedNames, scriptFolder } from './cached-script.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = join(ROOT, 'dist');
const FOLDERS = ['bin', 'codegen', 'dsl', 'runtime', 'verify'];
const DAY_MS = 24 * 3600 * 1000;

/** Packages that find files beside themselves, and those that are loaded rarely. All others are in the bundle: a file each would take longer to find than to read. */
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

/** The folder of the bundle of the sources as they are now. Throws where there is none and it cannot be made. */
export async function bundle() {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => /\.(ts|mjs)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const stamps = [...sources, 'index.ts', 'package.json'].map((path) => {
    const { mtimeMs, size } = statSync(join(ROOT, path));
    return `${path} ${mtimeMs} ${size}`;
  });
  const folder = join(
    DIST,
    createHash('sha256')
      .update([ROOT, ...stamps].join('\n'))
      .digest('hex')
      .slice(0, 16),
  );
  if (existsSync(folder)) return folder;
  const modules = sources.filter((path) => path.startsWith('dsl/'));
  await inTemporary(folder, (temporary) =>
    writeBundle(['bin/main.ts', 'codegen/read/import-module.ts', ...modules], temporary),
  );
  removeOld(folder);
  return folder;
}

async function writeBundle(entryPoints, outdir) {
  const { build } = await import('esbuild');
  const scripts = await scriptFolder('ts-morph', (name, make) => inTemporary(join(DIST, name), make));
  await build({
    entryPoints,
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
    plugins: [ownUrls, cachedScript('ts-morph', scripts)],
  });
}

/** Fills `folder` under another name and renames it, so that it is there as a whole or not at all. Returns it. */
async function inTemporary(folder, make) {
  if (existsSync(folder)) return folder;
  mkdirSync(DIST, { recursive: true });
  const temporary = mkdtempSync(join(DIST, '.making-'));
  try {
    await make(temporary);
    renameSync(temporary, folder);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** Templates, models and operators are found from the place of a source, not of the bundle. */
const ownUrls = {
  name: 'own-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

/** Takes a package from its script in `folder`. */
function cachedScript(name, folder) {
  return {
    name: 'cached-script',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: 'cached-script' }));
      onResolve({ filter: /^file:/ }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /./, namespace: 'cached-script' }, () => ({
        contents: `import { loadScript } from ${JSON.stringify(new URL('./cached-script.mjs', import.meta.url).href)};
export const { ${exportedNames(name).join(', ')} } = loadScript(${JSON.stringify(folder)});`,
      }));
    },
  };
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
