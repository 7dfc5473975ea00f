/** Random programs as one module of operators, and what the front end makes of each. */
import type { Diagnostic } from '../../codegen/ir/diagnostic.ts';

/** The language's names that programs use. */
const IMPORTED =
  'abs, act, argmax, attend, cache, contextLen, cos, exp, f32, floor, geluTanh, gumbel, i32, idiv, kthLargest, kvCache, log, ' +
  'massThreshold, max, maximum, mean, minimum, mod, op, paged, pos, ragged, range, rsqrt, scatter, seq, seqLen, seqStart, ' +
  'sigmoid, silu, sin, slot, softplus, sqrt, square, state, sum, tanh, topN, uniform, weight';

/** A piece of a module: a program, or a twin of one. */
export interface Piece {
  readonly name: string;
  readonly source: string;
}

/** A module of the pieces, and the line at which each begins. `language` is the module that the names come from. */
export function moduleOf(
  programs: readonly Piece[],
  language: string,
): { readonly text: string; readonly lines: ReadonlyMap<string, number> } {
  const lines = new Map<string, number>();
  let text = `import { ${IMPORTED} } from '${language}';\n`;
  let line = 2;
  for (const { name, source } of programs) {
    lines.set(name, line);
    text += source;
    line += source.split('\n').length - 1;
  }
  return { text, lines };
}

/** The piece that a diagnostic is about, by its line. */
export function byProgram(
  programs: readonly Piece[],
  lines: ReadonlyMap<string, number>,
  diagnostics: readonly Diagnostic[],
): ReadonlyMap<string, readonly Diagnostic[]> {
  const found = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const owner = programs.filter(({ name }) => (lines.get(name) ?? 0) <= diagnostic.span.line).at(-1);
    if (owner === undefined) throw new Error(`a diagnostic at no program: ${diagnostic.message}`);
    found.set(owner.name, [...(found.get(owner.name) ?? []), diagnostic]);
  }
  return found;
}
