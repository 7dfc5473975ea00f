/** Who may import whom: the rules of CONTRIBUTING.md, read off the import declarations. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf, importsOf, type ModuleUse, root } from './sources.ts';

interface Rule {
  readonly folder: string;
  /** Files and folders of ours it may import. */
  readonly may: readonly string[];
  /** Files of ours of which it may import types alone. */
  readonly types: readonly string[];
}

const rules: readonly Rule[] = [
  { folder: 'dsl', may: ['dsl/'], types: [] },
  { folder: 'codegen', may: ['codegen/', 'dsl/'], types: [] },
  { folder: 'runtime', may: ['runtime/'], types: ['codegen/manifest.ts'] },
  { folder: 'verify', may: ['verify/', 'index.ts', 'runtime/', 'codegen/', 'dsl/'], types: [] },
  {
    folder: 'bin',
    // Where the embedded model lies `--help` may know without loading an entry point.
    may: ['bin/', 'index.ts', 'dsl/index.ts', 'codegen/index.ts', 'verify/index.ts', 'runtime/embedded-model.ts'],
    types: [],
  },
];

/** What of `uses` a rule forbids. Packages are not its business. */
function forbidden(rule: Rule, uses: readonly ModuleUse[]): string[] {
  return uses
    .filter(({ target }) => isOurs(target))
    .filter(({ target }) => !rule.may.some((allowed) => target === allowed || isWithin(target, allowed)))
    .filter(({ target, typeOnly }) => !(typeOnly && rule.types.includes(target)))
    .map(({ target }) => target);
}

function isWithin(target: string, folder: string): boolean {
  return folder.endsWith('/') && target.startsWith(folder);
}

function isOurs(target: string): boolean {
  return target.startsWith('..') || existsSync(join(root, target)) || /\.(ts|mjs)$/.test(target);
}

/** Packages and files loaded with `entry`, before anything is called. */
function loadedWith(entry: string): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    if (!path.endsWith('.ts') && !path.endsWith('.mjs')) return;
    for (const { target, typeOnly, dynamic } of importsOf(path)) if (!typeOnly && !dynamic) visit(target);
  };
  visit(entry);
  return seen;
}

describe('imports', () => {
  for (const rule of rules) {
    it(`${rule.folder}/ imports only ${[...rule.may, ...rule.types.map((path) => `types of ${path}`)].join(', ')}`, () => {
      const broken = filesOf(rule.folder, ['.ts', '.mjs']).flatMap((path) =>
        forbidden(rule, importsOf(path)).map((target) => `${path} imports ${target}`),
      );
      expect(broken).toEqual([]);
    });
  }

  it('tells a value from a type, and sees through the package name, re-exports and import()', () => {
    const dsl = rules[0]!;
    const runtime = rules[2]!;
    const of = (rule: Rule, path: string, text: string) => forbidden(rule, importsOf(path, text));
    expect(of(runtime, 'runtime/a.ts', `import type { Manifest } from '../codegen/manifest.ts';`)).toEqual([]);
    expect(of(runtime, 'runtime/a.ts', `import { type Manifest } from '../codegen/manifest.ts';`)).toEqual([]);
    expect(of(runtime, 'runtime/a.ts', `import { version } from '../codegen/manifest.ts';`)).toEqual([
      'codegen/manifest.ts',
    ]);
    expect(of(runtime, 'runtime/a.ts', `const c = await import('../codegen/compile.ts');`)).toEqual([
      'codegen/compile.ts',
    ]);
    expect(of(dsl, 'dsl/ops/a.ts', `export * from '../../runtime/llm.ts';`)).toEqual(['runtime/llm.ts']);
    expect(of(dsl, 'dsl/ops/a.ts', `import { compileModel } from 'warpsmith/codegen';`)).toEqual(['codegen/index.ts']);
    expect(of(dsl, 'dsl/ops/a.ts', `import { op } from '../lang/operator.ts'; import fs from 'node:fs';`)).toEqual([]);
  });

  it('the command line and the runtime start without the compiler and its packages', () => {
    const compilers = ['ts-morph', 'typescript', 'nunjucks', 'execa'];
    const heavy = (path: string) => compilers.includes(path) || /^(codegen|dsl|verify)\//.test(path);
    for (const entry of ['bin/main.ts', 'index.ts'])
      expect([entry, [...loadedWith(entry)].filter(heavy)]).toEqual([entry, []]);
  });

  it('a built library is verified without the compiler’s packages', () => {
    const compilers = ['ts-morph', 'typescript', 'nunjucks'];
    expect([...loadedWith('verify/index.ts')].filter((path) => compilers.includes(path))).toEqual([]);
  });

  it('templates/ holds no program', () => {
    expect(filesOf('templates', ['.ts', '.mjs', '.js', '.cjs', '.py', '.sh'])).toEqual([]);
  });
});
