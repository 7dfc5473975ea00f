/**
 * The package in the hands of a stranger: packed, installed into an empty folder of another project, and used there from the command
 * line, from TypeScript, from JavaScript modules and from CommonJS.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { type InstalledPackage, installPackage } from '../support/installed-package.ts';
import { greedyChats } from '../support/tiny-model.ts';

const files = {
  'op.ts': `import { act, maximum, op, square } from 'warpsmith/dsl';

/** y[t, h] = max(x[t, h], 0)^2 * x[t, H + h]. */
export const squaredReluMul = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, 2 * H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: ({ H }, { x }) => ({ y: (t, h) => square(maximum(x(t, h), 0)) * x(t, H + h) }),
});
`,
  'model.ts': `import { gatedMlp, type ModelFunction, qwen3 } from 'warpsmith/dsl';
import { squaredReluMul } from './op.js';

const model: ModelFunction = (config, options) =>
  qwen3(config, {
    ...options,
    mlp: (parts, layer, x) => gatedMlp(parts, \`\${layer.prefix}.mlp\`, squaredReluMul, x),
  });
export default model;
`,
  'wrong.ts': `import { act, op } from 'warpsmith/dsl';

export const shifted = op({
  dims: ['T', 'H'],
  inputs: ({ T, H }) => ({ x: act(T, H) }),
  outputs: ({ T, H }) => ({ y: act(T, H) }),
  define: (_, { x }) => ({ y: (t, h) => x(t, h + 1) }),
});
`,
  'call.ts': `import { openLibrary } from 'warpsmith';
import { squaredReluMul } from './built operator/bindings.js';

const handle = squaredReluMul(openLibrary('built operator'), { capacities: { T: 2 } });
const y = new Float32Array(4);
handle.run({ x: Float32Array.of(3, -1, 10, 10, 2, 1, 0.5, -1), y }, { T: 2 });
handle.close();
console.log(Array.from(y).join(' '));
`,
  'types.ts': `import { LLM, WarpsmithError, type SamplingParams } from 'warpsmith';
import { compileOperatorFile } from 'warpsmith/codegen';
import { type ModelFunction, siluMul } from 'warpsmith/dsl';

const sampling: SamplingParams = { temperature: 0 };
export async function story(): Promise<string> {
  const llm = await LLM.load('models/tiny');
  const [first] = await llm.generate(['Long ago'], sampling);
  // @ts-expect-error: a sampling parameter of another type
  await llm.generate(['Long ago'], { temperature: 'warm' });
  return first?.text ?? '';
}
export const mend = (error: unknown): string => (error instanceof WarpsmithError ? error.mend : '');
export const { directory } = await compileOperatorFile('op.ts', { dims: { H: 2 } });
export const operators = [siluMul];
export type { ModelFunction };
`,
  'generate.mjs': `import { LLM } from 'warpsmith';
import { siluMul } from 'warpsmith/dsl';

const llm = await LLM.load('models/tiny', { model: 'model.ts' });
const [{ text }] = await llm.generate(['Long ago'], { maxTokens: 12, temperature: 0 });
await llm.close();
console.log(typeof siluMul, text);
`,
  'call.mjs': `import { OperatorHandle, openLibrary } from 'warpsmith';
import { compileOperatorFile } from 'warpsmith/codegen';

const { directory } = await compileOperatorFile('op.ts', { dims: { H: 2 }, elements: 'f32' });
const handle = new OperatorHandle(openLibrary(directory), 'squaredReluMul', { capacities: { T: 1 } });
const y = new Float32Array(2);
handle.run({ x: Float32Array.of(3, -1, 10, 10), y }, { T: 1 });
handle.close();
console.log(Array.from(y).join(' '));
`,
  'generate.cjs': `import('warpsmith').then(async ({ LLM }) => {
  const llm = await LLM.load('models/tiny');
  const [{ text }] = await llm.generate(['Long ago'], { maxTokens: 12, temperature: 0 });
  await llm.close();
  console.log(text);
});
`,
};

const strict = ['--strict', '--noEmit', '--target', 'es2023', '--noUncheckedIndexedAccess', '--verbatimModuleSyntax'];

const inCi = process.env.CI === 'true';
const installed: InstalledPackage | string = await installPackage().catch((error: { readonly all?: string }) => {
  const reason = `the package cannot be installed: ${error.all ?? String(error)}`;
  if (inCi) throw new Error(`${reason}\nnpm needs a registry, or the cache that npm ci leaves.`);
  console.warn(`skipped what installs the package: ${reason}`);
  return reason;
});

describe.skipIf(typeof installed === 'string')('a stranger’s project', () => {
  const stranger = installed as InstalledPackage;
  const at = (path: string) => join(stranger.path, path);
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  afterAll(() => stranger.remove());

  const run = (command: string, ...args: readonly string[]) =>
    execa(command, args, { cwd: stranger.path, preferLocal: true, localDir: stranger.path, all: true });
  const warpsmith = (...args: readonly string[]) => run('warpsmith', ...args);

  it('gets what runs, what the compiler reads and what types need, and nothing else', () => {
    const folders = new Set(
      stranger.files.map((path) =>
        path
          .split('/')
          .slice(0, path.startsWith('dist/') ? 2 : 1)
          .join('/'),
      ),
    );
    expect([...folders].sort()).toEqual(
      ['bin', 'codegen', 'dsl', 'models', 'runtime', 'templates', 'verify']
        .concat(['dist/bundle', 'dist/codegen.js', 'dist/dsl.js', 'dist/index.js', 'dist/types'])
        .concat(['CHANGELOG.md', 'LICENSE', 'README.md', 'index.ts', 'package.json'])
        .sort(),
    );
    expect(stranger.files.filter((path) => /training|\.test\.|\.py$|tsconfig/.test(path))).toEqual([]);
    expect(stranger.sizeBytes).toBeLessThan(8e6);
  });

  it('starts from the bundle that came with it, and knows its version', async () => {
    const { stdout } = await warpsmith('--help');
    expect(stdout).toContain('warpsmith run');
    expect((await warpsmith('--version')).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('hears a story from the embedded model, by the name that README gives it', async () => {
    const [chat] = greedyChats;
    const prompt = chat?.messages[0]?.content ?? '';
    const { stdout } = await warpsmith('run', 'models/tiny', '--prompt', prompt, '--temperature', '0');
    expect(stdout).toBe(chat?.text);
  });

  it('compiles an operator of its own, and is told why one does not compile', async () => {
    expect((await warpsmith('codegen', 'op.ts', '--dims', 'H=64')).stdout).toContain('void squared_relu_mul(');
    expect((await warpsmith('explain', 'op.ts', '--dims', 'H=64')).stdout).toContain(
      'program squaredReluMul: 1 launches',
    );
    const { stderr, exitCode } = await execa('warpsmith', ['codegen', 'wrong.ts', '--dims', 'H=64'], {
      cwd: stranger.path,
      preferLocal: true,
      reject: false,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/wrong\.ts:7:46 error range-high[\s\S]*mend:/);
  });

  it('checks it against its own function', async () => {
    const { stdout } = await warpsmith('verify', 'op.ts', '--elements', 'bf16', '--json');
    const { operators } = JSON.parse(stdout);
    expect(operators).toMatchObject([{ operator: 'squaredReluMul', element: 'bf16', shapes: 4, failures: [] }]);
    expect(operators[0].calls).toBeGreaterThan(20);
  });

  it('runs it, from TypeScript through its bindings and from JavaScript', async () => {
    await warpsmith('build', 'op.ts', '--dims', 'H=2', '--elements', 'f32', '--out', 'built operator');
    expect((await run('tsx', 'call.ts')).stdout).toBe('90 0 2 -1');
    expect((await run('node', 'call.mjs')).stdout).toBe('90 0');
  });

  it('generates text with it in the model, from the command line and from a program', async () => {
    const args = ['--prompt', 'Long ago', '--raw', '--temperature', '0', '--max-tokens', '12'];
    const { stdout } = await warpsmith('run', 'models/tiny', '--model', 'model.ts', ...args);
    const plain = await warpsmith('run', 'models/tiny', ...args);
    expect(stdout.length).toBeGreaterThan(20);
    expect(stdout).not.toBe(plain.stdout);
    expect(stdout).toContain((await run('node', 'generate.mjs')).stdout.replace('function ', '').trim());
    expect(plain.stdout).toContain((await run('node', 'generate.cjs')).stdout.trim());
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('is typed, under strict tsc with modules as %s and their resolution as %s', async (module, resolution) => {
    writeFileSync(at('package.json'), JSON.stringify({ type: 'module', dependencies: { warpsmith: '*' } }));
    await run(
      'tsc',
      ...strict,
      '--module',
      module,
      '--moduleResolution',
      resolution,
      'types.ts',
      'model.ts',
      'call.ts',
    );
  });

  describe('where nothing can be written into it', () => {
    it('parses TypeScript without the cached script of the parser', async () => {
      const { version } = (await import('ts-morph/package.json', { with: { type: 'json' } })).default;
      const folder = join(stranger.package, `dist/ts-morph-${version}-${process.version}-${process.arch}`);
      renameSync(folder, `${folder}-away`);
      writeFileSync(folder, 'no folder');
      const { stdout } = await warpsmith('codegen', 'op.ts', '--dims', 'H=32');
      expect(stdout).toContain('void squared_relu_mul(');
    });

    it('runs from its sources where it has no bundle either', async () => {
      renameSync(join(stranger.package, 'dist'), join(stranger.package, 'away'));
      writeFileSync(join(stranger.package, 'dist'), 'no folder');
      const { stdout } = await warpsmith('codegen', 'op.ts', '--dims', 'H=16');
      expect(stdout).toContain('void squared_relu_mul(');
    });
  });
});
