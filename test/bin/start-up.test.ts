/** What `warpsmith --help` loads and costs: neither compiler nor runtime, and a fraction of a second. */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/warpsmith.mjs', import.meta.url));

/** Of the time of an empty program, which takes 60 ms where `--help` may take 300; under load both take longer. */
const MOST = 5;

const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

/** Node with a script that is imported before the program. */
const withImport = (script: string, ...args: readonly string[]) => execa('node', ['--import', module(script), ...args]);

// The first run after an edit makes the bundle, with a compiler.
beforeAll(() => execa('node', [bin, '--help']));

it('loads no compiler, no parser of TypeScript and no native code', async () => {
  const hooks = module(`import { writeSync } from 'node:fs';
    export async function load(url, context, next) {
      writeSync(2, url + '\\n');
      return next(url, context);
    }`);
  const { stdout, stderr } = await withImport(
    `import { register } from 'node:module'; register(${JSON.stringify(hooks)});`,
    bin,
    '--help',
  );
  expect(stdout).toContain('warpsmith run');
  const loaded = stderr.split('\n').filter((url) => url.startsWith('file:'));
  const packages = loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  expect(packages).toEqual([]);
  // The packages of the bundle are in its modules: those of a command line are small, a template engine is not.
  const sizes = loaded.map((url) => statSync(fileURLToPath(url)).size);
  expect(loaded.length).toBeGreaterThan(5);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000);
});

it('takes little more of the processor than Node itself', async () => {
  const tell = `import { writeSync } from 'node:fs';
    process.on('exit', () => {
      const { user, system } = process.cpuUsage();
      writeSync(2, '\\n' + (user + system));
    });`;
  /** Time of the processor, which waiting for other processes is no part of. */
  const processorMs = async (...args: readonly string[]) => {
    const { stderr } = await withImport(tell, ...args);
    return Number(stderr.split('\n').at(-1)) / 1000;
  };
  const help: number[] = [];
  const empty: number[] = [];
  for (let run = 0; run < 7; run++) {
    help.push(await processorMs(bin, '--help'));
    empty.push(await processorMs('--eval', '0'));
  }
  expect(Math.min(...help) / Math.min(...empty)).toBeLessThan(MOST);
});
