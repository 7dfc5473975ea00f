/** One at a time, through waits, deaths and sleeps. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { withLock } from '../../../runtime/hub/lock.ts';

let path: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'warpsmith-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'locks/one.lock');
});

const { signal } = new AbortController();
const options = (onWait = () => {}) => ({ staleMs: 2_000, signal, onWait });

it('the second waits for the first, is told so once, and the lock is gone in the end', async () => {
  const order: string[] = [];
  let second = Promise.resolve(0);
  const onWait = vi.fn();
  const first = withLock(path, options(), async () => {
    order.push('first begins');
    await new Promise<void>((resolve) => {
      onWait.mockImplementation(resolve);
      second = withLock(path, options(onWait), async () => {
        order.push('second');
        return 2;
      });
    });
    order.push('first ends');
    return 1;
  });
  expect([await first, await second]).toEqual([1, 2]);
  expect(order).toEqual(['first begins', 'first ends', 'second']);
  expect(onWait).toHaveBeenCalledTimes(1);
  expect(existsSync(path)).toBe(false);
});

it('it is free after a failure, whose reason is thrown', async () => {
  const failing = withLock(path, options(), () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

it('one that nobody renews is taken over', async () => {
  mkdirSync(path, { recursive: true });
  const minuteAgo = new Date(Date.now() - 60_000);
  utimesSync(path, minuteAgo, minuteAgo);
  const onWait = vi.fn();
  expect(await withLock(path, options(onWait), async () => 'taken')).toBe('taken');
  expect(onWait).not.toHaveBeenCalled();
});

it('a wait ends with the signal', async () => {
  mkdirSync(path, { recursive: true });
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = withLock(
    path,
    { staleMs: 60_000, signal: controller.signal, onWait: () => controller.abort(reason) },
    async () => 0,
  );
  await expect(waiting).rejects.toBe(reason);
  expect(existsSync(path)).toBe(true);
});

it('work under a lock that another process took is aborted, and begun anew under the lock', async () => {
  const begun: AbortSignal[] = [];
  const result = await withLock(path, options(), async (locked) => {
    begun.push(locked);
    if (begun.length > 1) return 'done';
    // What a process does that thinks this one is gone, and then is done itself.
    rmSync(path, { recursive: true });
    await sleep(10_000, undefined, { signal: locked });
    return 'not aborted';
  });
  expect(result).toBe('done');
  expect(begun.map(({ aborted }) => aborted)).toEqual([true, false]);
});
