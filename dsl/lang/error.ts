/** A mistake in the use of the language outside of a parsed source: in a call, a trace or an evaluation. */
export class LanguageError extends Error {
  readonly code: string;
  /** What to write instead, as a sentence. */
  readonly mend: string;

  constructor(code: string, message: string, mend: string) {
    super(message);
    this.name = 'LanguageError';
    this.code = code;
    this.mend = mend;
  }
}
