/** A user's mistake as data: what, where, and the mend. Codes and texts are catalogued in codegen/diagnostics/. */
import type { Span } from './expression.ts';

export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  /** What to write instead, as a sentence. */
  readonly mend: string;
  readonly span: Span;
}

/** The result of a pass: its output and the diagnostics it found. With diagnostics the output may be partial. */
export interface PassResult<T> {
  readonly ir: T;
  readonly diagnostics: readonly Diagnostic[];
}
