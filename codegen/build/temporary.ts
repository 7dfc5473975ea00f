/** Names under which entries are made beside where they belong, and what became of those whose maker was killed. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** No entry takes as long to make. */
const ABANDONED_MS = 24 * 3600 * 1000;

/** `.NAME.HOST.PROCESS.RANDOM` in `parent`: a name of its own for every maker, of which one process may have several. */
export function temporaryPath(parent: string, name: string): string {
  return join(parent, `.${name}.${host()}.${process.pid}.${randomBytes(4).toString('hex')}`);
}

/**
 * Removes what makers left that are gone: processes of this machine that do not run any more, and those of others after a day. With
 * `name` of this entry alone. Nothing depends on it: what cannot be removed stays.
 */
export function removeAbandoned(parent: string, name?: string): void {
  for (const entry of entriesOf(parent)) {
    const [, made, madeOn, id] = /^\.(.+)\.([0-9a-f]{8})\.(\d+)\.[0-9a-f]{8}(?:\.before)?$/.exec(entry) ?? [];
    if (made === undefined || (name !== undefined && made !== name)) continue;
    const path = join(parent, entry);
    try {
      const isOld = Date.now() - statSync(path).mtimeMs > ABANDONED_MS;
      if (isOld || (madeOn === host() && !runs(Number(id)))) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process was faster, or it is another user's.
    }
  }
}

/** Where numbers of processes mean the same: a machine, or a container of it. */
function host(): string {
  let container = '';
  try {
    container = readlinkSync('/proc/self/ns/pid');
  } catch {
    // A system without: one machine, one set of numbers.
  }
  return createHash('sha256').update(`${hostname()} ${container}`).digest('hex').slice(0, 8);
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
