/** What the parser could not read: it goes on as if it had, and what it makes of the rest would be told in its place. */
import type { SourceFile } from 'ts-morph';
import { diagnose } from '../diagnostics/catalog.ts';
import type { Diagnostic } from '../ir/diagnostic.ts';

interface ParseMistake {
  readonly start: number;
  readonly length: number;
  readonly messageText: string | { readonly messageText: string };
}

/** The first one; those after it mostly follow from it. */
export function syntaxMistake(source: SourceFile): Diagnostic | null {
  // TypeScript keeps what parsing alone found on the source file, and gives it out only by way of a whole program.
  const parsed = source.compilerNode as { readonly parseDiagnostics?: readonly ParseMistake[] };
  const [first] = parsed.parseDiagnostics ?? [];
  if (first === undefined) return null;
  const { line, column } = source.getLineAndColumnAtPos(first.start);
  const text = typeof first.messageText === 'string' ? first.messageText : first.messageText.messageText;
  const reason = text.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  const span = { file: source.getFilePath(), line, column, length: Math.max(first.length, 1) };
  return diagnose(span, 'not-typescript', reason);
}
