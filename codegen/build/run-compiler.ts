/** One run of a compiler, in a temporary folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Generated text that a compiler refused; `message` holds what it said. */
export class CompilerError extends Error {}

/** What the compiler told. Throws CompilerError, or the signal's reason where it was aborted. `what` says what was being made. */
export async function runCompiler(
  command: string,
  args: readonly string[],
  what: string,
  cwd: string,
  signal?: AbortSignal,
): Promise<string> {
  const temporary = mkdtempSync(join(tmpdir(), 'warpsmith-'));
  try {
    // A fifth of a second to load, for those who wait for a compiler anyway.
    const { execa } = await import('execa');
    const result = await execa(command, args, {
      cwd,
      reject: false,
      env: { TMPDIR: temporary, LC_ALL: 'C' },
      ...(signal ? { cancelSignal: signal } : {}),
    });
    // A signal to the group reaches the compiler as it reaches us, and may end it before we are told.
    if (result.signal === 'SIGINT' || result.signal === 'SIGTERM') await setTimeout(100);
    signal?.throwIfAborted();
    if (result.failed) throw new CompilerError(`${command} failed on ${what}:\n${result.stderr}`);
    return result.stderr;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
