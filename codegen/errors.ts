/** Errors that a user can mend, as the compiler's entry points throw them: a message, the mend, and a code. */
import { formatDiagnostic } from './diagnostics/format.ts';
import type { Diagnostic } from './ir/diagnostic.ts';

/** What keeps the compiler from a library: a file, an option, a tool of the machine. */
export class CompileError extends Error {
  /** Such as `file-missing` or `build-failed`. */
  readonly code: string;
  /** What to do about it, as a sentence. */
  readonly mend: string;

  constructor(code: string, message: string, mend: string) {
    super(message);
    this.name = 'CompileError';
    this.code = code;
    this.mend = mend;
  }
}

/** What a stage of the compiler found wrong with the author's source, printed with its code frames; `code` is the first one's. */
export class DiagnosticError extends CompileError {
  /** All that the stage found, with line, column and mend each. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(
      diagnostics[0]?.code ?? 'diagnostic',
      diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n\n'),
      '',
    );
    this.diagnostics = diagnostics;
  }
}
