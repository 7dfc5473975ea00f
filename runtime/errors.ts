/** A user's mistake as data, and the error that carries it. Whatever else is thrown is a bug. */

export type ErrorCode =
  | 'file-missing'
  | 'file-unreadable'
  | 'json-invalid'
  | 'config-invalid'
  | 'weights-missing'
  | 'weights-invalid'
  | 'tokenizer-invalid'
  | 'tokenizer-mismatch'
  | 'chat-template-missing'
  | 'chat-template-invalid'
  | 'sampling-params-invalid'
  | 'prompt-empty'
  | 'prompt-invalid'
  | 'prompt-too-long'
  | 'queue-full'
  | 'llm-closed'
  | 'engine-invalid'
  | 'engine-mismatch'
  | 'engine-failed'
  | 'compiler-missing'
  | 'build-failed'
  | 'model-unsupported'
  | 'option-invalid'
  | 'operator-call-invalid'
  | 'disk-full'
  | 'hub-not-found'
  | 'hub-revision-missing'
  | 'hub-gated'
  | 'hub-unauthorized'
  | 'hub-busy'
  | 'hub-failed'
  | 'hub-unreachable'
  | 'hub-offline'
  | 'hub-answer-invalid'
  | 'hub-checksum'
  | 'hub-cache-unwritable';

export interface Problem {
  readonly code: ErrorCode;
  /** What is wrong, in the user's terms. */
  readonly message: string;
  /** What to do about it, as a sentence. */
  readonly mend: string;
}

/** A mistake that the user can mend; a command line exits with status 1. `problems` holds all that were found together. */
export class WarpsmithError extends Error {
  /** Of the first problem. */
  readonly code: ErrorCode;
  /** What to do about them, in sentences. */
  readonly mend: string;
  /** Each with its own code, message and mend. */
  readonly problems: readonly Problem[];

  constructor(problem: Problem | readonly [Problem, ...Problem[]], options?: ErrorOptions) {
    const problems: readonly [Problem, ...Problem[]] = isList(problem) ? problem : [problem];
    super(problems.map(({ message }) => message).join('\n'), options);
    this.name = 'WarpsmithError';
    this.code = problems[0].code;
    this.mend = [...new Set(problems.map(({ mend }) => mend))].join(' ');
    this.problems = problems;
  }
}

/** Throws when a check found anything; of more than `most` problems the number of the others is told. */
export function throwProblems(problems: readonly Problem[], most = problems.length): void {
  const [first, ...rest] = problems.slice(0, most);
  if (!first) return;
  const others = problems.length - most;
  const told = others > 0 ? [...rest, { ...first, message: `There are ${others} more problems like these.` }] : rest;
  throw new WarpsmithError([first, ...told]);
}

function isList(problem: Problem | readonly [Problem, ...Problem[]]): problem is readonly [Problem, ...Problem[]] {
  return Array.isArray(problem);
}
