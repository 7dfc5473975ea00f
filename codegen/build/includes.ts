/** What an object depends on: an object's key holds these files alone, so that libraries share what none of them changes. */
import { posix } from 'node:path';

const INCLUDE = /^\s*#\s*include\s*"([^"]+)"/gm;

/** Folders beside the including file's own in which a quoted name is looked for: the compiler's -I, in its order. */
export const INCLUDE_FOLDERS: readonly string[] = ['.', 'lib'];

/**
 * The file at `path` and all of the library that it includes, directly or through others, by path; in the order in which they are
 * met. An #include counts whatever #if stands around it. Names that are not the library's are the system's.
 */
export function withIncludes(path: string, files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const met = new Map<string, string>();
  const visit = (at: string): void => {
    const text = files.get(at);
    if (text === undefined || met.has(at)) return;
    met.set(at, text);
    for (const [, name = ''] of text.matchAll(INCLUDE)) {
      const candidates = [posix.dirname(at), ...INCLUDE_FOLDERS].map((folder) => posix.join(folder, name));
      const found = candidates.find((candidate) => files.has(candidate));
      if (found !== undefined) visit(found);
    }
  };
  visit(path);
  return met;
}
