/** MODEL as a name of the hub: the command line against a hub on this machine, that serves the embedded checkpoint. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { readHubSettings } from '../../runtime/hub/settings.ts';
import { fetchSnapshot } from '../../runtime/hub/snapshot.ts';
import { breakingOff, type Fault, type HubServer, startHub, tinyFiles } from '../support/hub-server.ts';
import { greedyChats } from '../support/tiny-model.ts';
import { packageRoot } from '../support/user-folder.ts';

const model = 'tiny/stories';
const bin = join(packageRoot, 'bin/warpsmith.mjs');
const elsewhere = mkdtempSync(join(tmpdir(), 'warpsmith-elsewhere-'));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

interface Machine {
  readonly hub: HubServer;
  readonly environment: Record<string, string>;
  readonly folder: string;
  readonly lock: string;
  run(args: readonly string[], more?: Record<string, string>): ReturnType<typeof start>;
}

async function machine(files = tinyFiles(), ...faults: readonly Fault[]): Promise<Machine> {
  const hub = await startHub(model, files);
  hub.faults.push(...faults);
  const home = mkdtempSync(join(tmpdir(), 'warpsmith-hub-'));
  onTestFinished(async () => {
    await hub.close();
    rmSync(home, { recursive: true, force: true });
  });
  const environment = { HF_HOME: home, HF_ENDPOINT: hub.url, HF_TOKEN: '', HF_HUB_CACHE: '', HF_HUB_OFFLINE: '' };
  return {
    hub,
    environment,
    folder: join(home, 'hub/models--tiny--stories'),
    lock: join(home, 'hub/.locks/models--tiny--stories/warpsmith.lock'),
    run: (args, more = {}) => start(args, { ...environment, ...more }),
  };
}

function start(args: readonly string[], env: Record<string, string>) {
  return execa('node', [bin, ...args], { reject: false, cwd: elsewhere, env });
}

/** Sends so many bytes of a file and then nothing. */
const stalling =
  (name: string, bytes: number): Fault =>
  ({ host, method, path }, response, body) => {
    const isTransfer =
      method === 'GET' && path.endsWith(`/${name}`) && (host === 'storage' || !name.endsWith('.safetensors'));
    if (isTransfer) response.writeHead(200, { 'content-length': body?.length }).write(body?.subarray(0, bytes));
    return isTransfer;
  };

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** What came of a transfer that is not whole, in bytes: its file keeps it for the next one. */
function keptBytes(folder: string): readonly number[] {
  const blobs = join(folder, 'blobs');
  const names = existsSync(blobs) ? readdirSync(blobs).filter((name) => name.endsWith('.incomplete')) : [];
  return names.map((name) => statSync(join(blobs, name), { throwIfNoEntry: false })?.size ?? 0);
}

const story = greedyChats[0]!;
const asked = ['--prompt', story.messages[0]?.content ?? '', '--temperature', '0'];

test('run fetches a model whose transfer breaks off, tells its story, and needs no hub the next time', async () => {
  const { hub, run, folder } = await machine(tinyFiles(), breakingOff('model.safetensors', 3_000_000, 1));
  const first = await run(['run', model, ...asked]);
  expect([first.exitCode, first.stdout], first.stderr).toEqual([0, story.text]);
  expect(first.stderr).toMatch(/broke off .*Trying again in \d s\.\n/);
  expect(first.stderr).toMatch(/^fetched model.safetensors of tiny\/stories \(6.6 MB\)$/m);
  const ranges = hub.requests.filter(({ host }) => host === 'storage').map(({ range }) => range);
  expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  expect(readdirSync(join(folder, 'blobs')).some((name) => name.endsWith('.incomplete'))).toBe(false);

  const { length } = hub.requests;
  const second = await run(['run', model, ...asked], { HF_HUB_OFFLINE: '1' });
  expect([second.exitCode, second.stdout], second.stderr).toEqual([0, story.text]);
  expect(hub.requests).toHaveLength(length);
  await hub.close();
  const third = await run(['score', model, '--text', 'Long ago', '--json']);
  expect(third.exitCode, third.stderr).toBe(0);
  expect(third.stderr).toMatch(/cannot be reached[\s\S]*The copy in the cache \(commit c0ffee000000\) is used/);
});

test('Ctrl-C in a download: status 130, what came stays, the lock is free, and the next run goes on', async () => {
  const { hub, run, folder, lock } = await machine(tinyFiles(), stalling('model.safetensors', 2_000_000));
  const child = run(['run', model, ...asked, '--max-tokens', '5']);
  await until(() => keptBytes(folder).includes(2_000_000));
  expect(existsSync(lock)).toBe(true);
  child.kill('SIGINT');
  const { exitCode, stdout, stderr } = await child;
  expect([exitCode, stdout]).toEqual([130, '']);
  expect(stderr).toMatch(/Interrupted. What was finished is kept/);
  expect(stderr).not.toMatch(/bug|error:/);
  expect(existsSync(lock)).toBe(false);
  expect(keptBytes(folder)).toEqual([2_000_000]);
  hub.faults.length = 0;
  const again = await run(['run', model, ...asked, '--max-tokens', '5']);
  expect(again.exitCode, again.stderr).toBe(0);
  expect(hub.requests.at(-1)).toMatchObject({ host: 'storage', range: 'bytes=2000000-' });
});

test('of two processes at once one fetches, and the other waits, says so, and finds the files', async () => {
  const { hub, run, lock } = await machine();
  let answer = () => {};
  hub.faults.push(({ method, path }, response, body) => {
    if (method !== 'GET' || !path.endsWith('/config.json')) return false;
    answer = () => response.end(body);
    return true;
  });
  const args = ['codegen', model, '--emit', 'trace'];
  const first = run(args);
  await until(() => hub.transfers().length === 1 && existsSync(lock));
  const second = run(args);
  let told = '';
  second.stderr.on('data', (text: Buffer) => {
    told += text.toString();
  });
  await until(() => told.includes('Another process is fetching tiny/stories; this one waits for it.'));
  answer();
  const results = await Promise.all([first, second]);
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(results[0].stdout).toContain('embed');
  expect(results[1].stdout).toBe(results[0].stdout);
  expect(hub.transfers()).toHaveLength(1);
});

test('what a killed process leaves is taken over: its lock when its time is up, its bytes at once', async () => {
  const { hub, environment, folder, lock } = await machine(tinyFiles(), stalling('tokenizer.json', 100_000));
  const child = spawn('node', [bin, 'build', model], {
    cwd: elsewhere,
    env: { ...process.env, ...environment },
    stdio: 'ignore',
  });
  await until(() => keptBytes(folder).includes(100_000));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(existsSync(lock)).toBe(true);
  hub.faults.length = 0;
  const settings = { ...(await readHubSettings(environment)), staleLockMs: 2_000 };
  const directory = await fetchSnapshot(model, { settings });
  expect(readFileSync(join(directory, 'tokenizer.json')).equals(tinyFiles().get('tokenizer.json')!)).toBe(true);
  const ranges = hub
    .transfers()
    .filter(({ path }) => path.endsWith('/tokenizer.json'))
    .map(({ range }) => range);
  expect(ranges).toEqual([undefined, 'bytes=100000-']);
});

test.each(['run', 'build'])(
  '%s of an architecture that there is not is refused before weights are fetched',
  async (command) => {
    const files = tinyFiles();
    const config = JSON.parse(String(files.get('config.json')));
    files.set('config.json', Buffer.from(JSON.stringify({ ...config, architectures: ['MambaForCausalLM'] })));
    const { hub, run } = await machine(files);
    const { exitCode, stderr } = await run([command, model]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('MambaForCausalLM');
    expect(hub.requests.filter(({ path }) => path.includes('safetensors'))).toEqual([]);
  },
);

test.each([
  [['run', 'tiny/none'], /There is no directory tiny\/none, and 127.0.0.1:\d+ has no model of that name/],
  [['run', model, '--revision', 'v9'], /has no revision v9[\s\S]*--revision/],
  [['run', `${model}@main`], /Give tiny\/stories and --revision main/],
  [['explain', model, '--revision', '../x'], /"..\/x" is none that git knows/],
  [['run', '.', '--revision', 'main'], /A revision \(main\) is given, and \. is a path/],
  [['build', 'ops/mine.ts', '--revision', 'main'], /--revision belongs to a model/],
])('a user’s mistake exits with 1 and says what to do: %j', async (args, says) => {
  const { run } = await machine();
  const { exitCode, stdout, stderr } = await run(args);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(says);
});

test('build makes an engine that finds the weights which were fetched with it', async () => {
  const { run } = await machine();
  const out = join(elsewhere, 'engine');
  const built = await run(['build', model, '--out', out]);
  expect([built.exitCode, built.stdout], built.stderr).toEqual([0, out]);
  const { exitCode, stdout, stderr } = await run(['run', out, ...asked, '--max-tokens', '5'], { HF_HUB_OFFLINE: '1' });
  expect(exitCode, stderr).toBe(0);
  expect(story.text.startsWith(stdout)).toBe(true);
});

test('commands that compile need config.json alone', async () => {
  const { hub, run } = await machine();
  const { exitCode, stdout, stderr } = await run(['explain', model, '--revision', 'main']);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('launches');
  expect(hub.transfers().map(({ path }) => path.split('/').at(-1))).toEqual(['config.json']);
});
