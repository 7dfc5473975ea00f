/** Diagnostics as text: place, what is wrong, the lines it is about with a caret below, and the mend. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import pc from 'picocolors';
import type { Diagnostic } from '../ir/diagnostic.ts';

export interface FormatOptions {
  /** Paths are printed relative to this folder; the working directory by default. */
  readonly base?: string;
  readonly color?: boolean;
  /** Gives a file's text; the file system by default. */
  readonly readSource?: (file: string) => string;
}

/** One diagnostic, ending in a newline. */
export function formatDiagnostic({ code, message, mend, span }: Diagnostic, options: FormatOptions = {}): string {
  const { base = process.cwd(), color = false, readSource = (file) => readFileSync(file, 'utf8') } = options;
  const paint = pc.createColors(color);
  const place = `${relative(base, span.file) || span.file}:${span.line}:${span.column}`;
  const lines = [
    `${paint.bold(place)} ${paint.red('error')} ${paint.dim(code)}: ${message}`,
    ...codeFrame(readSource(span.file).split(/\r?\n/), span.line, span.column, span.length, paint),
    `  ${paint.green('mend')}: ${mend}`,
  ];
  return `${lines.join('\n')}\n`;
}

export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions = {}): string {
  return diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, options)).join('\n');
}

/** The line, one before it, and a caret under what is meant. */
function codeFrame(
  source: readonly string[],
  line: number,
  column: number,
  length: number,
  paint: ReturnType<typeof pc.createColors>,
): readonly string[] {
  const width = String(line).length;
  const numbered = (number: number): string =>
    `  ${paint.dim(`${String(number).padStart(width)} |`)} ${source[number - 1] ?? ''}`.trimEnd();
  const carets = '^'.repeat(Math.max(1, Math.min(length, (source[line - 1] ?? '').length - column + 1)));
  const pointer = `  ${paint.dim(`${' '.repeat(width)} |`)} ${' '.repeat(column - 1)}${paint.red(carets)}`;
  return [...(line > 1 && source[line - 2]?.trim() ? [numbered(line - 1)] : []), numbered(line), pointer];
}
