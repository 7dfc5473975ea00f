/** One run of a compiler, in a temporary folder of its own. */
import { type ExecFileOptions, execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
    const environment = { ...process.env, TMPDIR: temporary, LC_ALL: 'C' };
    const { failed, stderr } = await ended(command, args, { cwd, env: environment, ...(signal ? { signal } : {}) });
    signal?.throwIfAborted();
    if (failed) throw new CompilerError(`${command} failed on ${what}:\n${stderr}`);
    return stderr;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

interface Ended {
  readonly failed: boolean;
  readonly stderr: string;
}

/** By Node's own means, since execa takes a fifth of a second to load. */
function ended(command: string, args: readonly string[], options: ExecFileOptions): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { ...options, encoding: 'utf8', maxBuffer: Number.POSITIVE_INFINITY }, (error, _, stderr) =>
      resolve({ failed: error !== null, stderr: stderr || (error?.message ?? '') }),
    );
  });
}
