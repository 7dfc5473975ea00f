/**
 * The author's modules, parsed on demand and never type-checked: names are followed through imports and exports by syntax
 * alone, which costs milliseconds where a program costs seconds.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Node, Project, type SourceFile } from 'ts-morph';
import { type BuiltinName, isBuiltin } from './language.ts';
import { indexModule, type ModuleNames } from './module-names.ts';

const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
export const languageIndex = resolve(packageRoot, 'dsl/index.ts');
const languageFolder = resolve(packageRoot, 'dsl/lang') + sep;
const libraryFolder = resolve(packageRoot, 'dsl') + sep;

/** What a name stands for once imports and re-exports are followed. */
export type Resolution =
  | { readonly kind: 'declaration'; readonly node: Node; readonly module: Module; readonly name: string }
  | { readonly kind: 'builtin'; readonly name: BuiltinName }
  | { readonly kind: 'namespace'; readonly module: Module }
  /** From a package whose source is not the author's. */
  | { readonly kind: 'package'; readonly specifier: string }
  /** From a file that is no module, such as JSON. */
  | { readonly kind: 'data'; readonly specifier: string }
  | { readonly kind: 'missing'; readonly specifier: string; readonly exports: readonly string[] };

export interface Module {
  readonly path: string;
  readonly source: SourceFile;
  readonly names: ModuleNames;
}

export class Modules {
  readonly #project = new Project({
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
    compilerOptions: { noLib: true, noResolve: true, allowJs: true },
  });
  readonly #modules = new Map<string, Module>();

  /** The module at an absolute path; throws where there is no such file. */
  module(path: string): Module {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const source = this.#project.addSourceFileAtPath(path);
    const module = { path, source, names: indexModule(source) };
    this.#modules.set(path, module);
    return module;
  }

  /** A name as the module's own code sees it; null if the module has no such name. */
  resolveLocal(module: Module, name: string): Resolution | null {
    const node = module.names.locals.get(name);
    if (node !== undefined) return { kind: 'declaration', node, module, name };
    const imported = module.names.imports.get(name);
    return imported === undefined ? null : this.#resolveImport(module, imported.specifier, imported.name);
  }

  resolveExport(module: Module, name: string, visited = new Set<Module>()): Resolution | null {
    if (isLanguageFile(module.path) && isBuiltin(name)) return { kind: 'builtin', name };
    const exported = module.names.exports.get(name);
    if (exported?.specifier === null) return this.resolveLocal(module, exported.name);
    if (exported !== undefined) return this.#resolveImport(module, exported.specifier, exported.name);
    visited.add(module);
    for (const specifier of module.names.stars) {
      const target = this.#target(module, specifier);
      if (target === null || visited.has(target)) continue;
      const found = this.resolveExport(target, name, visited);
      if (found !== null) return found;
    }
    return null;
  }

  /** Everything a module exports, what it passes on from others included. */
  exportNames(module: Module, visited = new Set<Module>()): readonly string[] {
    visited.add(module);
    const passedOn = module.names.stars.flatMap((specifier) => {
      const target = this.#target(module, specifier);
      return target === null || visited.has(target) ? [] : this.exportNames(target, visited);
    });
    return [...module.names.exports.keys(), ...passedOn];
  }

  /** What an author can import from the language. */
  languageNames(): readonly string[] {
    return this.exportNames(this.module(languageIndex));
  }

  /**
   * The modules whose operators `entries` may call: the entries, what they re-export, and every module that declares a name
   * they import, however many re-exports lie between. Operators live nowhere in the language's own folder. What is imported from
   * a file that `isLeftOut` is not followed.
   */
  reachable(entries: readonly string[], isLeftOut: (path: string) => boolean): readonly Module[] {
    const reached = new Map<string, Module>();
    const target = (module: Module, specifier: string): Module | null => {
      const path = resolveSpecifier(module.path, specifier);
      return path === null || !isScript(path) || isLeftOut(path) ? null : this.module(path);
    };
    const follow = (module: Module): void => {
      if (reached.has(module.path) || module.path.startsWith(languageFolder)) return;
      reached.set(module.path, module);
      for (const [name, { specifier }] of module.names.imports)
        if (target(module, specifier) !== null) reach(this.resolveLocal(module, name));
      for (const specifier of module.names.sideEffects) followAll(target(module, specifier));
    };
    const reach = (resolution: Resolution | null): void => {
      if (resolution?.kind === 'declaration' && !isLeftOut(resolution.module.path)) follow(resolution.module);
      if (resolution?.kind === 'namespace') followAll(resolution.module);
    };
    const followAll = (module: Module | null): void => {
      if (module === null || reached.has(module.path) || isLeftOut(module.path)) return;
      follow(module);
      for (const [name, { specifier }] of module.names.exports)
        if (specifier === null || target(module, specifier) !== null) reach(this.resolveExport(module, name));
      for (const specifier of module.names.stars) followAll(target(module, specifier));
    };
    for (const entry of entries) followAll(this.module(realpathSync(resolve(entry))));
    return [...reached.values()];
  }

  #resolveImport(from: Module, specifier: string, name: string | null): Resolution {
    const path = resolveSpecifier(from.path, specifier);
    if (path === null)
      return specifier.startsWith('.') ? { kind: 'missing', specifier, exports: [] } : { kind: 'package', specifier };
    if (!isScript(path)) return { kind: 'data', specifier };
    if (name !== null && isLanguageFile(path) && isBuiltin(name)) return { kind: 'builtin', name };
    const module = this.module(path);
    if (name === null) return { kind: 'namespace', module };
    return this.resolveExport(module, name) ?? { kind: 'missing', specifier, exports: this.exportNames(module) };
  }

  #target(from: Module, specifier: string): Module | null {
    const path = resolveSpecifier(from.path, specifier);
    return path === null || !isScript(path) ? null : this.module(path);
  }
}

function isScript(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

/** Of this package's own language, operators and models. */
export function isLibraryFile(path: string): boolean {
  return path.startsWith(libraryFolder);
}

export function isLanguageFile(path: string): boolean {
  return path === languageIndex || path.startsWith(languageFolder);
}

/** The file an import names: a path beside the importer, or this package under its own name. Null for other packages. */
function resolveSpecifier(from: string, specifier: string): string | null {
  if (specifier === 'warpsmith/dsl') return languageIndex;
  if (!specifier.startsWith('.') && !specifier.startsWith('/')) return null;
  const path = resolve(dirname(from), specifier);
  const candidates = [
    path,
    path.replace(/\.js$/, '.ts'),
    path.replace(/\.mjs$/, '.mts'),
    `${path}.ts`,
    `${path}.mts`,
    `${path}.js`,
    resolve(path, 'index.ts'),
  ];
  const found = candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
  return found === undefined ? null : realpathSync(found);
}
