/** The kinds of mistakes: of a call or an evaluation what of it does not fit, of a trace what it was given. */
export type LanguageErrorCode =
  | 'attend'
  | 'attribute-names'
  | 'batch-without-blocks'
  | 'dimension'
  | 'element'
  | 'extent'
  | 'input-names'
  | 'name-taken'
  | 'no-batch'
  | 'no-input'
  | 'output'
  | 'part-unknown'
  | 'reshape'
  | 'scatter'
  | 'shape'
  | 'state-outdated'
  | 'step-input'
  | 'tensor-parallel'
  | 'where';

/** A mistake in the use of the language outside of a parsed source: in a call, a trace or an evaluation. */
export class LanguageError extends Error {
  /** What kind of mistake it is. */
  readonly code: LanguageErrorCode;
  /** What to write instead, as a sentence. */
  readonly mend: string;

  constructor(code: LanguageErrorCode, message: string, mend: string) {
    super(message);
    this.name = 'LanguageError';
    this.code = code;
    this.mend = mend;
  }
}
