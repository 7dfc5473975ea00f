/** Modules of an author's TypeScript: those that need no tsx, each one object however it is met, and those that are left to it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'warpsmith-import-plain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Runs in a process that knows no TypeScript, with `plain`, `importModule` and `at(name)`, the path of a file of the folder. */
async function inNode(script: string): Promise<string> {
  const { stdout } = await execa(
    'node',
    [
      '--enable-source-maps',
      '--input-type=module',
      '-e',
      `import { pathToFileURL } from 'node:url';
      import { bundle } from './bin/bundle.mjs';
      import { importFromBundle, moduleInBundle } from './bin/import-typescript.mjs';
      import { PlainImporter } from './bin/import-plain.mjs';
      const bundled = pathToFileURL(await bundle() + '/').href;
      const plain = new PlainImporter((url) => moduleInBundle(url, bundled));
      const importModule = importFromBundle(bundled);
      const at = (name) => ${JSON.stringify(`${folder}/`)} + name;
      const told = (promise) => promise.then(() => 'no error', (error) => error.stack);
      ${script}`,
    ],
    { cwd: root },
  );
  return stdout;
}

describe('TypeScript by path and the language', () => {
  it('is imported without tsx, a module a file', async () => {
    write({
      'model.ts': `import { basename } from 'node:path';
        import { siluMul, type Operator } from 'warpsmith/dsl';
        import { own, type Wide } from './parts/own';
        import { twice } from './parts/twice.js';
        export const width: Wide = twice(own.width) satisfies number;
        export const isLanguage = (siluMul as Operator) === own.siluMul;
        export const name = basename(import.meta.url);`,
      'parts/own.ts': `import { siluMul } from '${root}dsl/ops/silu-mul.ts';
        import { twice } from './twice.ts';
        export interface Wide extends Number {}
        export const own = { width: twice(2), siluMul };`,
      'parts/twice.ts': 'export const twice = (value: number): number => 2 * value;',
    });
    const said = await inNode(`
      const model = await plain.import(at('model.ts'));
      const part = await plain.imported(at('parts/own.ts'));
      console.log(model.width, model.isLanguage, model.name, part.own.width, plain.imported(at('other.ts')));`);
    expect(said).toBe('8 true model.ts 4 null');
  });

  it('throws what the modules throw, at the author’s lines', async () => {
    write({ 'throws.ts': "interface Unused {\n  readonly key: string;\n}\n\nthrow new Error('no such shape');\n" });
    const stack = await inNode(`console.log(await told(plain.import(at('throws.ts'))));`);
    expect(stack).toContain('no such shape');
    expect(stack).toContain(`${folder}/throws.ts:5:7`);
  });
});

describe('what is left to tsx', () => {
  const others = {
    'a package': `import colors from 'picocolors';\nexport const color = colors.red;`,
    'a module that is missing': `import { a } from './missing.ts';\nexport const b = a;`,
    'an export that is missing': `import { nothing } from 'warpsmith/dsl';\nexport const b = nothing;`,
    'a mistake in the syntax': 'export const = 1;',
    'a module imported later': `export const later = () => import('./parts/twice.ts');`,
    JavaScript: `import { b } from './plain.js';\nexport const c = b;`,
  };

  it.each(Object.entries(others))('%s', async (name, text) => {
    const file = `${name.replaceAll(' ', '-')}.ts`;
    write({ [file]: text, 'plain.js': 'export const b = 1;', 'parts/twice.ts': 'export const twice = 2;' });
    expect(await inNode(`console.log(await plain.import(at('${file}')));`)).toBe('null');
  });

  it('is imported all the same, or refused with the author’s words', async () => {
    write({
      'later.ts': `export const later = () => import('./two.ts');`,
      'two.ts': 'export const two: number = 2;',
      'lacks.ts': `import { a } from './missing.ts';\nexport const b = a;`,
    });
    const said = await inNode(`
      const { two } = await (await importModule(at('later.ts'))).later();
      console.log(two, await told(importModule(at('lacks.ts'))), await told(importModule(at('nowhere.ts'))));`);
    expect(said).toMatch(/^2 /);
    expect(said).toContain(`Cannot find module '${folder}/missing.ts'`);
    expect(said).toContain(`Cannot find module '${folder}/nowhere.ts'`);
  });
});
