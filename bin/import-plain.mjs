/**
 * Imports TypeScript as JavaScript that esbuild makes of it, each file a module of its own: a third of what tsx takes, whose hooks
 * need a thread. For files that import no more than TypeScript by path, this package's language and what Node brings; all others
 * are tsx's, and so are those with a mistake, which it tells of.
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LANGUAGE = fileURLToPath(new URL('../dsl/index.ts', import.meta.url));

/** What would be looked for from the place of the JavaScript. */
const LOCAL = /\bimport\s*\(|\bimport\.meta\.(?!url\b)|\brequire\b/;

export class PlainImporter {
  #ownModule;
  /** The URL of a source's module by the source's path. */
  #modules = new Map();
  #files = 0;
  #folder = null;

  /** `ownModule(url)` is the module that takes the place of a source of this package, or null. */
  constructor(ownModule) {
    this.#ownModule = ownModule;
  }

  /** The namespace of the module that this has imported from `path`; null where it has not. Paths are real ones. */
  imported(path) {
    const url = this.#modules.get(path);
    return url === undefined ? null : import(url);
  }

  /** Null where the file, or one that it imports, is not as plain, or cannot be linked. Throws what the modules throw. */
  async import(path) {
    const made = await this.#make(path).catch(() => null);
    if (made === null) return null;
    try {
      const namespace = await import(made.get(path));
      for (const [source, url] of made) this.#modules.set(source, url);
      return namespace;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }

  async #make(entry) {
    const { build } = await import('esbuild');
    const made = new Map();
    const queue = [];
    const urlOf = (path) => {
      const known = this.#ownModule(pathToFileURL(path).href) ?? this.#modules.get(path) ?? made.get(path);
      if (known !== undefined) return known;
      const file = join(this.#writable(), `${this.#files++}.mjs`);
      made.set(path, pathToFileURL(file).href);
      queue.push({ path, file });
      return made.get(path);
    };
    urlOf(entry);
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (LOCAL.test(readFileSync(next.path, 'utf8'))) throw new Error(`${next.path} is not plain`);
      await build(settings(next, urlOf));
    }
    return made;
  }

  /** Kept to the end: Node looks for the file of a module whenever it is imported. */
  #writable() {
    if (this.#folder === null) {
      const folder = mkdtempSync(join(tmpdir(), 'warpsmith-modules-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      this.#folder = folder;
    }
    return this.#folder;
  }
}

/** esbuild's for one file; `urlOf` says where the TypeScript that it imports is. */
function settings({ path, file }, urlOf) {
  const url = pathToFileURL(path).href;
  return {
    entryPoints: [path],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    treeShaking: false,
    tsconfigRaw: '{}',
    sourcemap: 'inline',
    define: { 'import.meta.url': JSON.stringify(url) },
    logLevel: 'silent',
    plugins: [{ name: 'imports', setup: ({ onResolve }) => onResolve({ filter: /./ }, (use) => target(use, urlOf)) }],
  };
}

function target({ kind, path, importer }, urlOf) {
  if (kind === 'entry-point') return undefined;
  if (kind !== 'import-statement') throw new Error(`${kind} of ${path}`);
  if (isBuiltin(path)) return { path, external: true };
  return {
    path: urlOf(path === 'warpsmith/dsl' ? LANGUAGE : typeScriptAt(resolve(dirname(importer), path), path)),
    external: true,
  };
}

/** With the ending that was left out, or .js for .ts, as TypeScript has it. */
function typeScriptAt(path, specifier) {
  if (!/^\.{0,2}\//.test(specifier)) throw new Error(`the package ${specifier}`);
  const candidates = /\.m?ts$/.test(path) ? [path] : [path, path.replace(/\.(m?)js$/, '.$1ts'), `${path}.ts`];
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (found === undefined || !/\.m?ts$/.test(found)) throw new Error(`${specifier} is no TypeScript`);
  return realpathSync(found);
}
