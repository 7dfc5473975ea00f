/** The bundle that `warpsmith` runs from: made of the sources as they are, once, with the modules of dsl/ as they are imported. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** In a process of its own, which knows no TypeScript. */
async function inNode(script: string): Promise<string> {
  const { stdout } = await execa('node', ['--input-type=module', '-e', script], { cwd: root });
  return stdout;
}

const BUNDLE = `import { bundle } from './bin/bundle.mjs'; const folder = await bundle();`;

describe('the bundle', async () => {
  const folder = await inNode(`${BUNDLE} console.log(folder);`);

  it('is made once for the same sources', async () => {
    expect(await inNode(`${BUNDLE} console.log(folder);`)).toBe(folder);
    expect(readFileSync(join(folder, 'bin/main.js'), 'utf8')).toContain('export');
  });

  it('hands out its own modules for those of dsl/, under whichever name they are imported', async () => {
    const isOne = await inNode(`${BUNDLE}
      import { pathToFileURL } from 'node:url';
      import { importFromBundle, importTypeScript } from './bin/import-typescript.mjs';
      const bundled = pathToFileURL(folder + '/').href;
      const importModule = importFromBundle(bundled);
      const { siluMul } = await importModule(${JSON.stringify(join(root, 'dsl/ops/silu-mul.ts'))});
      const index = await importTypeScript(${JSON.stringify(`file://${join(root, 'dsl/index.ts')}`)}, bundled);
      console.log(typeof siluMul, index.siluMul === siluMul);`);
    expect(isOne).toBe('function true');
  });

  it('names no place, and finds the templates from the place where it lies', async () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    const naming = files.filter((name) => readFileSync(join(folder, name), 'utf8').includes(root));
    expect(files.length).toBeGreaterThan(50);
    expect(naming).toEqual([]);
    const { stdout } = await execa('node', ['bin/warpsmith.mjs', 'codegen', 'dsl/ops/silu-mul.ts', '--dims', 'H=8'], {
      cwd: root,
    });
    expect(stdout).toContain('void silu_mul(');
  });

  it('is what the package’s names stand for', async () => {
    const said = await inNode(`${BUNDLE}
      import { pathToFileURL } from 'node:url';
      import { siluMul } from 'warpsmith/dsl';
      import { LLM } from 'warpsmith';
      import { compileModel } from 'warpsmith/codegen';
      const own = await import(pathToFileURL(folder).href + '/dsl/ops/silu-mul.js');
      console.log(own.siluMul === siluMul, typeof LLM.load, typeof compileModel);`);
    expect(said).toBe('true function function');
  });
});

it('is open to other users than its maker, as the umask lets them', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'bundle-'));
  try {
    const folder = join(parent, 'made');
    await inNode(`import { inTemporary } from './bin/in-temporary.mjs';
      await inTemporary(${JSON.stringify(folder)}, () => {});`);
    expect(statSync(folder).mode & 0o777).toBe(0o777 & ~process.umask());
    expect(readdirSync(parent)).toEqual(['made']);
  } finally {
    rmSync(parent, { recursive: true });
  }
});
