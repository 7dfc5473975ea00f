/** What a command says when it fails, and with which exit status. */
import { colorsFor } from './colors.ts';
import { Interruption } from './interrupt.ts';

/** The command line itself is wrong. */
export class UsageError extends Error {
  readonly mend: string;

  constructor(message: string, mend = 'See `warpsmith --help`, or `warpsmith COMMAND --help`.') {
    super(message);
    this.mend = mend;
  }
}

/** 1 for what the user can mend, 2 for a bug of ours, 130 for Ctrl-C, 143 for SIGTERM. */
export function exitStatusOf(error: unknown): 1 | 2 | Interruption['status'] {
  if (error instanceof Interruption) return error.status;
  return mendOf(error) === undefined ? 2 : 1;
}

/** Writes to stderr: what is wrong and the mend, or, of a bug, the trace. */
export function report(error: unknown): void {
  const paint = colorsFor(process.stderr);
  const mend = mendOf(error);
  if (error instanceof Interruption) {
    process.stderr.write(`${error.message} ${error.mend}\n`);
    return;
  }
  if (mend !== undefined) {
    const [message, advice] = [messageOf(error), mend].map(printable);
    // Diagnostics each begin with their place and hold their mend.
    const label = error instanceof Error && 'diagnostics' in error ? '' : `${paint.red('error:')} `;
    process.stderr.write(
      `${label}${String(message).trimEnd()}\n${advice === '' ? '' : `${paint.dim(String(advice))}\n`}`,
    );
    return;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${paint.red('this is a bug in warpsmith')}; please report it with these lines:\n${trace}\n`);
}

const mostInLine = 2000;

/** Messages hold names out of strangers' files: long ones are cut, and control characters would be commands to the terminal. */
function printable(text: string): string {
  const lines = text.split('\n').map((line) => (line.length > mostInLine ? `${line.slice(0, mostInLine)}…` : line));
  return lines
    .join('\n')
    .replace(/[^\P{Cc}\n\t]/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Every error that a user can cause carries its mend; yargs' own, of a malformed command line, are told by name. */
function mendOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('mend' in error && typeof error.mend === 'string') return error.mend;
  return error.name === 'YError' ? new UsageError('').mend : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
