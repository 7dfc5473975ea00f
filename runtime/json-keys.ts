/** Duplicate keys of a JSON text, which JSON.parse keeps silent about (the last one wins). */

/** Keys that some object of `text` has twice, in the order met. `text` must be valid JSON. */
export function duplicateKeys(text: string): string[] {
  const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/gs;
  const duplicates: string[] = [];
  // One entry an open bracket: the keys seen of an object, null for a list.
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (const [lexeme] of text.matchAll(token)) {
    const keys = open.at(-1);
    if (lexeme === '{') open.push(new Set());
    else if (lexeme === '[') open.push(null);
    else if (lexeme === '}' || lexeme === ']') open.pop();
    else if (lexeme.startsWith('"') && expectsKey && keys) {
      const key = JSON.parse(lexeme) as string;
      if (keys.has(key)) duplicates.push(key);
      keys.add(key);
    }
    expectsKey = lexeme === '{' || (lexeme === ',' && open.at(-1) !== null);
  }
  return duplicates;
}
