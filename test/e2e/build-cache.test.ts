/** The cache of builds: safe when two processes build at once, and incremental by source. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot, type UserFolder, userFolder } from '../support/user-folder.ts';

/** A product and a map, so that the library has a file of each class. */
const operators = `
import { act, op, sum, weight } from 'warpsmith/dsl';

export const project = op({
  dims: ['T', 'N', 'K'],
  inputs: ({ T, N, K }) => ({ x: act(T, K), w: weight(N, K) }),
  outputs: ({ T, N }) => ({ y: act(T, N) }),
  define: ({ K }, { x, w }) => ({ y: (t, n) => sum(K, (k) => x(t, k) * w(n, k)) }),
});

export const halve = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => 0.5 * x(t, h) }),
});
`;

/** Builds two programs of the operators beside it, and says what the build did. */
const builder = `
import { compileAndBuild, DEFAULT_ELEMENTS } from 'warpsmith/codegen';
import { trace } from 'warpsmith/dsl';
import { halve, project } from './operators.ts';

const w = { tensor: 'w', rowStart: 0, rows: 8, columnStart: 0, columns: 16, totalRows: 8, totalColumns: 16 };
const graphs = [
  trace('project', (g) => project({ x: g.input('x', 'act', ['T', 16]), w: g.checkpoint('w', 'weight', [8, 16], [w]) })),
  trace('halve', (g) => halve({ x: g.input('x', 'act', ['T', 16]) })),
];
const modules = [new URL('./operators.ts', import.meta.url).pathname];
console.log(JSON.stringify(await compileAndBuild(graphs, modules, { elements: DEFAULT_ELEMENTS })));
`;

interface Built {
  readonly ok: boolean;
  readonly directory: string;
  readonly compiled: number;
  readonly manifest: { readonly library: string };
}

let folder: UserFolder;
let cache: string;
beforeAll(async () => {
  // A command makes what the package's names stand for where it is linked.
  await execa('node', [join(packageRoot, 'bin/warpsmith.mjs'), '--version']);
  folder = userFolder([]);
  cache = mkdtempSync(join(tmpdir(), 'warpsmith-cache-'));
  writeFileSync(folder.file('package.json'), '{"type": "module"}');
  writeFileSync(folder.file('operators.ts'), operators);
  writeFileSync(folder.file('build.ts'), builder);
});
afterAll(() => {
  folder.remove();
  rmSync(cache, { recursive: true, force: true });
});

async function runBuild(): Promise<Built> {
  const tsx = join(packageRoot, 'node_modules/tsx/dist/esm/index.mjs');
  const { stdout } = await execa('node', ['--import', tsx, 'build.ts'], {
    cwd: folder.path,
    env: { WARPSMITH_CACHE: cache },
  });
  return JSON.parse(stdout);
}

test('two processes that build the same at once into an empty cache both succeed, with one entry', async () => {
  const [first, second] = await Promise.all([runBuild(), runBuild()]);
  expect([first.ok, second.ok]).toEqual([true, true]);
  expect(first.directory).toBe(second.directory);
  expect(readdirSync(join(cache, 'engines'))).toEqual([first.directory.split('/').at(-1)]);
  expect(readdirSync(first.directory)).toEqual(expect.arrayContaining(['manifest.json', first.manifest.library]));
  // Nothing half-made is left beside it.
  expect(readdirSync(join(cache, 'objects')).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('the same again compiles nothing', async () => {
  expect(await runBuild()).toMatchObject({ ok: true, compiled: 0 });
});

test('an edit of one operator recompiles the file of its class and nothing else', async () => {
  writeFileSync(folder.file('operators.ts'), operators.replace('0.5 * x', '0.25 * x'));
  expect(await runBuild()).toMatchObject({ ok: true, compiled: 1 });
  writeFileSync(
    folder.file('operators.ts'),
    operators.replace('export const halve', '// A remark.\nexport const halve'),
  );
  expect(await runBuild()).toMatchObject({ ok: true, compiled: 0 });
});

test('an entry that a process left half-made is not taken for a whole one', async () => {
  const built = await runBuild();
  const torn = join(cache, 'engines', '.torn.1.abcd');
  cpSync(built.directory, torn, { recursive: true });
  rmSync(join(torn, built.manifest.library));
  rmSync(built.directory, { recursive: true });
  const again = await runBuild();
  expect(again).toMatchObject({ ok: true, compiled: 0, directory: built.directory });
  expect(readFileSync(join(again.directory, again.manifest.library)).length).toBeGreaterThan(1000);
});
