/** Every diagnostic by its code. A code's entry says, from the author's own words, what is wrong and what to write instead. */
import type { Diagnostic } from '../ir/diagnostic.ts';
import type { Span } from '../ir/expression.ts';
import { declarationMessages } from './declarations.ts';
import { expressionMessages } from './expressions.ts';
import { rangeMessages } from './ranges.ts';

const catalog = { ...expressionMessages, ...declarationMessages, ...rangeMessages };

export type DiagnosticCode = keyof typeof catalog;
export type DiagnosticDetails<Code extends DiagnosticCode> = Parameters<(typeof catalog)[Code]>;

export function diagnose<Code extends DiagnosticCode>(
  span: Span,
  code: Code,
  ...details: DiagnosticDetails<Code>
): Diagnostic {
  // The union of all entries' signatures cannot be called; the code picks one, and `details` are its parameters.
  const explain = catalog[code] as (...details: DiagnosticDetails<Code>) => Explanation;
  return { code, ...explain(...details), span };
}

/** The codes, for the documentation and for the test that each is exercised. */
export const diagnosticCodes = Object.keys(catalog) as readonly DiagnosticCode[];

export interface Explanation {
  readonly message: string;
  readonly mend: string;
}
