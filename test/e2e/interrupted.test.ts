/** Ctrl-C and a full disk in the middle of a build or a generation: what was finished stays, nothing half-made does. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { DamagedModels } from '../support/damaged-model.ts';
import { tinyModel } from '../support/tiny-model.ts';
import { userFolder } from '../support/user-folder.ts';
import { sourceFiles } from '../support/user-sources.ts';

const bin = fileURLToPath(new URL('../../bin/warpsmith.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'warpsmith-interrupted-'));
const user = userFolder(sourceFiles);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  user.remove();
});

/** A cache and a place for temporary files of its own. */
function place(name: string) {
  const cache = join(folder, name);
  const temporary = mkdtempSync(join(folder, `${name}-tmp-`));
  return { cache, temporary, env: { WARPSMITH_CACHE: cache, TMPDIR: temporary } };
}

/** Everything in a cache, by its path; what is being made has a name that begins with a dot. */
function entries(cache: string): readonly string[] {
  return existsSync(cache) ? readdirSync(cache, { recursive: true, encoding: 'utf8' }).sort() : [];
}

const halfMade = (cache: string) => entries(cache).filter((path) => /(?:^|\/)\./.test(path));
const objects = (cache: string) => entries(cache).filter((path) => path.startsWith('objects/'));

const wholeObjects = (cache: string) => objects(cache).filter((path) => path.endsWith('.o') && !path.includes('/.'));

test('a build that is killed, terminated or interrupted keeps the objects that are whole, and goes on from them', async () => {
  const { cache, temporary, env } = place('build');
  const out = join(folder, 'engine');
  const command = [bin, 'build', 'five-maps.ts', '--dims', 'H=64', '--out', out];
  /** In a group of its own, as a shell starts it. */
  const start = () => execa('node', command, { env, cwd: user.path, reject: false, detached: true });
  const compiles = ({ pid = 0 }: { readonly pid?: number }) =>
    objects(cache).some((path) => path.includes(`/.`) && path.includes(`.${pid}.`));

  const killed = start();
  while (wholeObjects(cache).length === 0 || !compiles(killed)) await setTimeout(5);
  process.kill(-(killed.pid ?? 0), 'SIGKILL');
  await killed;
  expect(halfMade(cache)).not.toEqual([]);
  // Its compilers could remove nothing; a system does so in time.
  for (const left of readdirSync(temporary)) rmSync(join(temporary, left), { recursive: true });

  // Ctrl-C goes to the group, and so to the compilers; SIGTERM to the process alone.
  for (const [signal, group, status] of [
    ['SIGTERM', 1, 143],
    ['SIGINT', -1, 130],
  ] as const) {
    const before = wholeObjects(cache);
    const build = start();
    while (!compiles(build)) await setTimeout(5);
    process.kill(group * (build.pid ?? 0), signal);
    const { exitCode, stdout, stderr } = await build;
    expect([exitCode, stdout], stderr).toEqual([status, '']);
    expect(stderr).toMatch(/Interrupted[\s\S]*goes on from there/);
    expect([halfMade(cache), readdirSync(temporary), existsSync(out)]).toEqual([[], [], false]);
    expect(wholeObjects(cache)).toEqual(expect.arrayContaining([...before]));
  }
  const again = await execa('node', command, { env, cwd: user.path });
  expect(again.stdout).toBe(out);
}, 120_000);

test.each([64, 200])(
  'a build on a disk with room for files of %i KB says so, and leaves nothing half-made',
  async (kilobytes) => {
    const { cache, temporary, env } = place(`full-${kilobytes}`);
    const command = `ulimit -f ${kilobytes}; exec "$0" "$@"`;
    const args = ['-c', command, 'node', bin, 'build', tinyModel, '--out', join(folder, 'none')];
    const { exitCode, stdout, stderr } = await execa('bash', args, { env, reject: false });
    expect(stderr).toMatch(/The disk is full[\s\S]*WARPSMITH_CACHE/);
    expect(stderr).not.toContain('bug in warpsmith');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect([halfMade(cache), readdirSync(temporary), existsSync(join(folder, 'none'))]).toEqual([[], [], false]);
  },
  120_000,
);

test.each([{ HOME: '/proc' }, { WARPSMITH_CACHE: '/proc/a/cache' }])(
  '%o: no cache can be made there',
  async (places) => {
    const env = { PATH: process.env.PATH, ...places };
    const { exitCode, stderr } = await execa('node', [bin, 'build', tinyModel], {
      env,
      extendEnv: false,
      reject: false,
    });
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/\/proc\S* cannot be written: E[\s\S]*WARPSMITH_CACHE/),
    ]);
  },
);

test('a cache that cannot be written says so', async () => {
  const { exitCode, stderr } = await execa('node', [bin, 'build', tinyModel], {
    env: { WARPSMITH_CACHE: bin },
    reject: false,
  });
  expect(stderr).toMatch(/cannot be written: ENOTDIR[\s\S]*WARPSMITH_CACHE/);
  expect(exitCode).toBe(1);
});

test.each([join(folder, 'not-there'), bin])('a folder for temporary files that is none says so', async (TMPDIR) => {
  const env = { WARPSMITH_CACHE: join(folder, 'no-temporary'), TMPDIR };
  const { exitCode, stderr } = await execa('node', [bin, 'build', tinyModel], { env, reject: false });
  expect(stderr).toMatch(/temporary files.* cannot be written: ENO[\s\S]*TMPDIR/);
  expect([exitCode, halfMade(env.WARPSMITH_CACHE)]).toEqual([1, []]);
});

test('a working directory that was removed says so', async () => {
  const command = 'mkdir "$1" && cd "$1" && rmdir "$1" && exec node "$0" --help';
  const { exitCode, stderr } = await execa('bash', ['-c', command, bin, join(folder, 'gone')], { reject: false });
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^error: The working directory is not there/)]);
});

test('no compiler on the machine: status 1 and how to get one', async () => {
  const node = process.execPath;
  const args = [bin, 'build', tinyModel];
  const { exitCode, stderr } = await execa(node, args, {
    env: { PATH: folder, WARPSMITH_CACHE: join(folder, 'no-compiler') },
    extendEnv: false,
    reject: false,
  });
  expect(stderr).toMatch(/g\+\+[\s\S]*(?:apt|install)/i);
  expect(stderr).not.toContain('bug in warpsmith');
  expect(exitCode).toBe(1);
});

test('a generation that is interrupted ends its line with what there is', async () => {
  const models = new DamagedModels();
  // Half a minute: nobody ends it but Ctrl-C.
  const model = models.folder({ config: { max_position_embeddings: 100_000 } });
  const args = [bin, 'run', model, '--ignore-eos', '--max-tokens', '50000'];
  const run = execa('node', args, { reject: false, stripFinalNewline: false });
  let shown = '';
  await new Promise<void>((resolve) => {
    run.stdout.on('data', (chunk) => {
      shown += chunk;
      if (/^\w+ \w+/.test(shown)) resolve();
    });
  });
  run.kill('SIGINT');
  const { exitCode, stdout, stderr } = await run;
  models.remove();
  expect(exitCode).toBe(130);
  expect([stdout.startsWith(shown), stdout.endsWith('\n')], stdout).toEqual([true, true]);
  expect(stderr).toMatch(/ decoded /);
}, 120_000);

test('a chat template that does not end is ended by Ctrl-C', async () => {
  const endless = '{% for i in range(100000) %}{% for j in range(1000000) %}{% endfor %}{% endfor %}';
  const models = new DamagedModels();
  const run = execa('node', [bin, 'run', models.folder({ files: { 'chat_template.jinja': endless } })], {
    reject: false,
  });
  const children = () => readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, 'utf8');
  while (children() === '') await setTimeout(20);
  await setTimeout(1000);
  const started = performance.now();
  run.kill('SIGINT');
  const { exitCode, stderr } = await run;
  models.remove();
  expect([exitCode, stderr]).toEqual([130, expect.stringMatching(/^Interrupted/)]);
  expect(performance.now() - started).toBeLessThan(5000);
}, 120_000);
