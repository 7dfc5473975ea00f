/** The bundle that `warpsmith` runs from: made of the sources as they are, once, with the modules of dsl/ as they are imported. */
import { readFileSync } from 'node:fs';
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

  it('finds what lies beside a source', async () => {
    const text = await inNode(`${BUNDLE}
      import { readFileSync, readdirSync } from 'node:fs';
      console.log(readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js')).map((name) =>
        readFileSync(folder + '/' + name, 'utf8')).join(''));`);
    expect(text).toContain(`new URL("../../templates/", "file://${root}codegen/render/template.ts")`);
    expect(text).not.toMatch(/URL\([^)]*import\.meta\.url/);
  });
});
