/** What a command prints: how compilers are asked who they are, at the start of every run. */
import { execFile } from 'node:child_process';

/** Standard output, or null where the command is missing or fails. */
export function outputOf(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, args, (error, stdout) => resolve(error ? null : stdout.trim()));
  });
}
