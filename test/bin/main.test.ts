/** The command line as a shell meets it: a process of its own, its output and its exit status. */
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { root } from '../house/sources.ts';

const commands = ['run', 'score', 'build', 'codegen', 'explain', 'verify', 'doctor'];

const warpsmith = (...args: string[]) =>
  execa('node', ['bin/warpsmith.mjs', ...args], {
    cwd: root,
    reject: false,
    env: { NO_COLOR: '1', HF_HUB_OFFLINE: '1' },
  });

describe('warpsmith', () => {
  it('--help names every command', async () => {
    const { exitCode, stdout } = await warpsmith('--help');
    expect(exitCode).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`warpsmith ${command}\\s`));
  });

  it.each(commands)('%s --help shows examples', async (command) => {
    const { exitCode, stdout } = await warpsmith(command, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\s+warpsmith ${command}\\s`));
  });

  it.each([
    [[], 'Say what to do.'],
    [['dance'], 'Unknown'],
    [['run', 'models/tiny', '--temprature', '1'], 'temprature'],
    [['run', 'models/tiny', '--temperature'], 'Not enough arguments following: temperature'],
    [['run', 'models/tiny', '--temperature='], '--temperature has no value.'],
    [['run', 'models/tiny', '--seed', ''], '--seed has no value.'],
    [['build', 'models/tiny', '--out='], '--out has no value.'],
    [
      ['build', 'models/tiny', '--model', 'models/none.ts', '--model', 'models/last.ts'],
      'there is no file models/last.ts',
    ],
    [['build', 'models/tiny', '--model', 'models'], 'models is no file'],
    [['score', 'models/tiny'], 'Give --text or --tokens.'],
    [['score', 'models/tiny', '--tokens', '1,x'], '--tokens holds "x".'],
    [['run', 'models/none'], 'models/none'],
    [['verify', '--operator', 'dance'], 'the library has no operator dance'],
    [['verify', '--from', 'models/none'], 'models/none holds nothing to verify'],
    [['verify', '--from', 'built', '--prepare', 'built'], 'mutually exclusive'],
  ])('%j is the user’s error: status 1, a message, no trace', async (args, message) => {
    const { exitCode, stdout, stderr } = await warpsmith(...args);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
