import { LanguageError } from '../lang/error.ts';

/** Throws LanguageError for a part that `what` does not have: an author's file runs without having met a type checker. */
export function requireKnownParts(what: string, parts: object, known: readonly string[]): void {
  const unknown = Object.keys(parts).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new LanguageError(
    'part-unknown',
    `${what} has no part ${unknown} that could be replaced.`,
    `Its parts are ${known.join(', ')}.`,
  );
}
