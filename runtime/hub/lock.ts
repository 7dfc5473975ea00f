/**
 * One process at a time fetches a repository. The lock is a folder whose time its holder renews: it works on network file systems
 * too, and one that a killed process left is taken over when its time has run out.
 */
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { errorCode } from '../json-file.ts';
import { makeFolder } from '../make-folder.ts';

export interface LockOptions {
  readonly staleMs: number;
  readonly signal: AbortSignal;
  /** Called once, where another process has the lock. */
  readonly onWait: () => void;
}

const pollMs = 200;

/** The lock went to another process, which thought that this one was gone (it slept, or was stopped). */
class LockLost extends Error {}

/**
 * Runs `work` under the lock. Where it is lost meanwhile the work is aborted and, once the lock is there again, begun anew: it
 * has to find what is done already.
 */
export async function withLock<T>(
  path: string,
  { staleMs, signal, onWait }: LockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let isTold = false;
  const waiting = () => {
    if (!isTold) onWait();
    isTold = true;
  };
  for (;;) {
    const loss = new AbortController();
    const release = await acquire(path, staleMs, signal, waiting, () => loss.abort(new LockLost()));
    try {
      return await work(AbortSignal.any([signal, loss.signal]));
    } catch (error) {
      if (!loss.signal.aborted || signal.aborted) throw error;
      waiting();
    } finally {
      // A lock that was lost is not ours to release.
      await release().catch(() => {});
    }
  }
}

async function acquire(
  path: string,
  staleMs: number,
  signal: AbortSignal,
  onWait: () => void,
  onLoss: () => void,
): Promise<() => Promise<void>> {
  await makeFolder(dirname(path));
  for (;;) {
    signal.throwIfAborted();
    try {
      const options = { stale: staleMs, update: staleMs / 4, realpath: false, onCompromised: onLoss };
      return await lock(path, { ...options, lockfilePath: path });
    } catch (error) {
      if (errorCode(error) !== 'ELOCKED') throw error;
    }
    onWait();
    await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
