/** The command line as a user runs it: text on stdout, everything else on stderr, and the exit status. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { greedyChats, scoredSequences, tinyModel } from '../support/tiny-model.ts';
import { userFolder } from '../support/user-folder.ts';
import { sourceFiles } from '../support/user-sources.ts';

const bin = fileURLToPath(new URL('../../bin/warpsmith.mjs', import.meta.url));
const folder = userFolder(sourceFiles);
const broken = mkdtempSync(join(tmpdir(), 'warpsmith-broken-'));
afterAll(() => {
  folder.remove();
  rmSync(broken, { recursive: true, force: true });
});

const warpsmith = (...args: readonly string[]) => execa('node', [bin, ...args], { reject: false, cwd: folder.path });

const zorik = greedyChats.find(({ messages }) => messages[0]?.content.includes('Zorik'));

test('run tells a story about Zorik that mentions Zorik', async () => {
  const args = ['--prompt', zorik?.messages[0]?.content ?? '', '--temperature', '0', '--max-tokens', '200'];
  const { stdout, stderr, exitCode } = await warpsmith('run', tinyModel, ...args);
  expect(exitCode).toBe(0);
  expect(stdout).toBe(zorik?.text);
  expect(stdout).toContain('Zorik');
  expect(stderr).toMatch(/prompt tokens.* decoded .*first text/);
});

test('run streams: text comes in pieces, each before the next is computed', async () => {
  const child = execa('node', [bin, 'run', tinyModel, '--temperature', '0', '--max-tokens', '60'], {
    cwd: folder.path,
  });
  const pieces: string[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece.toString()));
  const { stdout } = await child;
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.join('').trimEnd()).toBe(stdout);
});

test('run takes several prompts as one batch and prints them in order', async () => {
  const chats = greedyChats.slice(0, 3);
  const prompts = chats.flatMap(({ messages }) => ['--prompt', messages[0]?.content ?? '']);
  const { stdout, exitCode } = await warpsmith('run', tinyModel, ...prompts, '--temperature', '0');
  expect(exitCode).toBe(0);
  const places = chats.map(({ text }) => stdout.indexOf(text));
  expect(places.every((place, i) => place > (places[i - 1] ?? -1))).toBe(true);
});

test('run --json prints one object with the outputs and their tokens', async () => {
  const [first, second] = greedyChats;
  const prompts = [first, second].flatMap((chat) => ['--prompt', chat?.messages[0]?.content ?? '']);
  const { stdout, exitCode } = await warpsmith('run', tinyModel, ...prompts, '--temperature', '0', '--json');
  expect(exitCode).toBe(0);
  const { outputs, statistics } = JSON.parse(stdout);
  expect(outputs).toHaveLength(2);
  expect(outputs[0]).toMatchObject({ prompt: first?.messages[0]?.content, text: first?.text, finishReason: 'stop' });
  expect(outputs[1].tokenIds).toEqual(second?.output_ids);
  expect(statistics.decodeTokens).toBeGreaterThan(100);
});

test('run with the same seed tells the same story', async () => {
  const args = ['--prompt', 'Tell me a story.', '--seed', '7', '--max-tokens', '40'];
  const [once, again] = await Promise.all([warpsmith('run', tinyModel, ...args), warpsmith('run', tinyModel, ...args)]);
  expect(once.stdout).toBe(again.stdout);
  expect(once.stdout.length).toBeGreaterThan(40);
});

test('score --json prints tokens, log-probabilities and the perplexity', async () => {
  const { ids, logprobs } = scoredSequences[0] ?? { ids: [], logprobs: [] };
  const { stdout, exitCode } = await warpsmith('score', tinyModel, '--tokens', ids.join(','), '--json');
  expect(exitCode).toBe(0);
  const scored = JSON.parse(stdout);
  expect(Object.keys(scored)).toEqual(['tokens', 'logprobs', 'perplexity']);
  expect(scored.tokens).toEqual(ids);
  expect(scored.logprobs[0]).toBeNull();
  const known = logprobs.filter((logprob) => logprob !== null);
  const mean = known.reduce((sum, logprob) => sum + logprob, 0) / known.length;
  expect(scored.perplexity).toBeCloseTo(Math.exp(-mean), 2);
});

test('run --model swaps a user’s fused operator into the model', async () => {
  const chat = ['--prompt', zorik?.messages[0]?.content ?? '', '--temperature', '0', '--max-tokens', '30'];
  const same = await warpsmith('run', tinyModel, '--model', 'same-model.ts', ...chat);
  const other = await warpsmith('run', tinyModel, '--model', 'relu-squared.ts', ...chat);
  expect([same.exitCode, other.exitCode], same.stderr + other.stderr).toEqual([0, 0]);
  expect(same.stdout.length).toBeGreaterThan(60);
  expect(zorik?.text.startsWith(same.stdout)).toBe(true);
  expect(zorik?.text.startsWith(other.stdout)).toBe(false);
});

writeFileSync(join(broken, 'config.json'), '{"architectures": ["MambaForCausalLM"]}');
writeFileSync(join(broken, 'no-default.ts'), 'export const model = 1;\n');
writeFileSync(join(broken, 'tokenizer.json'), '{');
writeFileSync(join(broken, 'throws.ts'), "throw new Error('out of cheese');\n");
writeFileSync(
  join(broken, 'half-an-operator.ts'),
  `${readFileSync(folder.file('relu-squared.ts'), 'utf8')}const later = ;`,
);
writeFileSync(
  folder.file('out-of-range.ts'),
  readFileSync(folder.file('same-model.ts'), 'utf8').replace('x(t, H + h)', 'x(t, H + h + 1)'),
);

test.each([
  { args: [], says: /Say what to do/ },
  { args: ['run'], says: /not told what to work on[\s\S]*run models\/tiny/ },
  { args: ['fly', tinyModel], says: /Unknown arguments: fly/ },
  { args: ['run', '/no/such/folder'], says: /\/no\/such\/folder/ },
  { args: ['run', tinyModel, '--temperature', '-1'], says: /temperature is -1[\s\S]*from 0 on/ },
  { args: ['run', tinyModel, '--elements', 'f8'], says: /elements[\s\S]*bf16/ },
  { args: ['run', tinyModel, '--prompt', ''], says: /error:/, raw: true },
  { args: ['score', tinyModel], says: /nothing to score[\s\S]*--text or --tokens/ },
  { args: ['score', tinyModel, '--tokens', '1,x'], says: /"x"[\s\S]*1,2,3/ },
  { args: ['score', tinyModel, '--tokens', '1,99999'], says: /99999/ },
  { args: ['score', tinyModel, '--tokens', new Array(600).fill('5').join(',')], says: /600[\s\S]*512/ },
  { args: ['run', broken], says: /error:/ },
  {
    args: ['codegen', join(broken, 'half-an-operator.ts')],
    says: /half-an-operator.ts:\d+:\d+ error not-typescript: [\s\S]*expression expected/,
  },
  { args: ['run', tinyModel, '--model', join(broken, 'no-default.ts')], says: /no default export/ },
  { args: ['run', tinyModel, '--model', join(broken, 'throws.ts')], says: /throws.ts cannot be loaded: out of cheese/ },
  {
    args: ['run', tinyModel, '--model', 'out-of-range.ts'],
    says: /out-of-range.ts:\d+:\d+ error[\s\S]*x\(t, H \+ h \+ 1\)/,
  },
  { args: ['run', tinyModel, '--model', '/no/such/model.ts'], says: /\/no\/such\/model.ts/ },
])('a user’s mistake exits with 1 and says what to do: $args', async ({ args, says, raw }) => {
  const { exitCode, stdout, stderr } = await warpsmith(...args, ...(raw ? ['--raw'] : []));
  expect(stderr).toMatch(says);
  expect(stderr).not.toContain('bug in warpsmith');
  expect(exitCode).toBe(1);
  expect(stdout).toBe('');
});

test.each([
  ['/dev/full', 1, /The output cannot be written: ENOSPC/],
  ['>(exit 0)', 0, /^(?!.*main\.ts)/s],
])('output into %s ends with %i and no trace', async (target, status, says) => {
  const command = `node "$0" run "$1" --max-tokens 3 > ${target}`;
  const { exitCode, stderr } = await execa('bash', ['-c', command, bin, tinyModel], { reject: false });
  expect([exitCode, stderr.includes('main.ts')], stderr).toEqual([status, false]);
  expect(stderr).toMatch(says);
});

test('who does not read stderr gets the text all the same', async () => {
  const command = 'node "$0" run "$1" --max-tokens 3 --temperature 0 2> /dev/full';
  const { exitCode, stdout } = await execa('bash', ['-c', command, bin, tinyModel], { reject: false });
  expect([exitCode, stdout === '']).toEqual([0, false]);
});
