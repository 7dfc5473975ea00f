/** Names under which entries are made beside where they belong, and what became of those whose maker was killed. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** No entry takes as long to make, where no more is known of its maker than the time. */
const ABANDONED_MS = 24 * 3600 * 1000;

/** `.NAME.HOST.PROCESS.RANDOM` in `parent`: a name of its own for every maker, of which one process may have several. */
export function temporaryPath(parent: string, name: string): string {
  return join(parent, `.${name}.${host()}.${process.pid}.${randomBytes(4).toString('hex')}`);
}

/**
 * Removes what makers left that are gone: processes of this machine that do not run any more, and those of others, or of before it was
 * started, after a day. With `name` of this entry alone. Nothing depends on it: what cannot be removed stays.
 */
export function removeAbandoned(parent: string, name?: string): void {
  for (const entry of entriesOf(parent)) {
    const [, made, madeOn, id] = /^\.(.+)\.([0-9a-f]{8})\.(\d+)\.[0-9a-f]{8}(?:\.before)?$/.exec(entry) ?? [];
    if (made === undefined || (name !== undefined && made !== name)) continue;
    const path = join(parent, entry);
    try {
      // A clock that is set while a process here makes its entry must not end it.
      const isAbandoned = madeOn === host() ? !runs(Number(id)) : Date.now() - statSync(path).mtimeMs > ABANDONED_MS;
      if (isAbandoned) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process was faster, or it is another user's.
    }
  }
}

/** Where numbers of processes mean the same: a machine, or a container of it, since it was started. Names of machines come twice. */
function host(): string {
  const start = textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const container = textOf(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256').update(`${hostname()} ${start} ${container}`).digest('hex').slice(0, 8);
}

/** Empty on a system without: one machine, one set of numbers. */
function textOf(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

function runs(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // Another user's process is one.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
