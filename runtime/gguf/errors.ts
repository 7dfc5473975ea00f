/** What is wrong with a GGUF file, in one form. */
import { type ErrorCode, type Problem, WarpsmithError } from '../errors.ts';

const fetchAgain = 'Fetch the file again: it is truncated, damaged, or no GGUF file.';

/** `what` continues the file's name: `has 3 bytes`. */
export function ggufProblem(
  file: string,
  what: string,
  mend = fetchAgain,
  code: ErrorCode = 'weights-invalid',
): Problem {
  return { code, message: `${file} ${what}.`, mend };
}

export function ggufError(file: string, what: string, mend?: string, code?: ErrorCode): WarpsmithError {
  return new WarpsmithError(ggufProblem(file, what, mend, code));
}

const maxReported = 8;

/** The first of many problems, so that a hostile file cannot fill the terminal. */
export function limited(problems: readonly Problem[]): readonly Problem[] {
  return problems.slice(0, maxReported);
}

/** A name of the file's as messages show it: escaped, and not longer than a line. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
