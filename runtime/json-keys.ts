/** Duplicate keys of a JSON text, which JSON.parse keeps silent about (the last one wins). */

/** Keys that some object of `text` has twice, in the order met. `text` must be valid JSON. */
export function duplicateKeys(text: string): string[] {
  const duplicates: string[] = [];
  // One entry an open bracket: the keys seen of an object, null for a list.
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
        open.push(new Set());
        expectsKey = true;
        break;
      case '[':
        open.push(null);
        expectsKey = false;
        break;
      case '}':
      case ']':
        open.pop();
        expectsKey = false;
        break;
      case ',':
        expectsKey = open.at(-1) !== null;
        break;
      case '"': {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (expectsKey && keys) {
          const key = JSON.parse(text.slice(at, end)) as string;
          if (keys.has(key)) duplicates.push(key);
          keys.add(key);
        }
        expectsKey = false;
        at = end - 1;
        break;
      }
    }
  }
  return duplicates;
}

/** Behind the quote that ends the string whose first is at `start`. A regular expression would keep a place to return to for every escape. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
