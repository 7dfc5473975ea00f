import { setTimeout } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { Interruption, interruptible } from '../../bin/interrupt.ts';

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s aborts the work and sets the status; listeners are gone in the end', async (name, status) => {
  const before = process.listenerCount(name);
  const work = interruptible(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  expect(process.listenerCount(name)).toBe(before + 1);
  process.emit(name);
  await expect(work).rejects.toMatchObject({ message: 'Interrupted.', status });
  expect(process.exitCode).toBe(status);
  process.exitCode = undefined;
  expect(process.listenerCount(name)).toBe(before);
});

it('is the reason of all that fails behind it', async () => {
  const work = interruptible(async () => {
    process.emit('SIGINT');
    throw new Error('a pipe broke');
  });
  await expect(work).rejects.toBeInstanceOf(Interruption);
  process.exitCode = undefined;
});

it('a second one does not wait for the work, unless npm passed the first one on', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  let end = () => {};
  const work = interruptible(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  process.emit('SIGINT');
  process.emit('SIGINT');
  expect(exit).not.toHaveBeenCalled();
  await setTimeout(350);
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledWith(130);
  end();
  await work;
  process.exitCode = undefined;
  exit.mockRestore();
});
