import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { Interruption, interruptible } from '../../bin/interrupt.ts';
import { TimeIsOver, withinTime } from '../../runtime/bounded-work.ts';

const backtrack = () => /(a+)+b/.test('a'.repeat(60));

it('gives what the work gives, or throws what it throws', () => {
  const cause = new RangeError('too much');
  expect(withinTime(10_000, () => [1, 2])).toEqual([1, 2]);
  expect(() =>
    withinTime(10_000, () => {
      throw cause;
    }),
  ).toThrow(cause);
});

it('ends a regular expression when its time is over', () => {
  expect(() => withinTime(50, backtrack)).toThrow(TimeIsOver);
});

it('Ctrl-C ends a regular expression, and the command with it', async () => {
  const work = interruptible(async () =>
    withinTime(60_000, () => {
      process.kill(process.pid, 'SIGINT');
      return backtrack();
    }),
  );
  await expect(work).rejects.toBeInstanceOf(Interruption);
  process.exitCode = undefined;
});

it('Ctrl-C that nobody listens to ends the process', async () => {
  const module = fileURLToPath(new URL('../../runtime/bounded-work.ts', import.meta.url));
  const program = `import { withinTime } from ${JSON.stringify(module)};
    withinTime(60_000, () => { process.kill(process.pid, 'SIGINT'); (${backtrack})(); });`;
  const { signal } = await execa('node', ['--import', 'tsx', '--input-type=module', '-e', program], { reject: false });
  expect(signal).toBe('SIGINT');
});
