/** The regular expressions of a tokenizer.json, which are a stranger's: one that backtracks takes a short text for ever. */
import { WarpsmithError } from './errors.ts';
import { preTokenizers } from './gguf/pre-tokenizers.ts';
import { isJsonObject, type Json, type JsonObject } from './json-file.ts';
import { partsIn } from './tokenizer-parts.ts';

/** Of normalizers and pre-tokenizers, each once; those that take time by the length of a text are left out. */
export function unknownPatterns({ normalizer, pre_tokenizer: preTokenizer }: JsonObject): readonly string[] {
  const patterns = new Set([...regexesIn(normalizer), ...regexesIn(preTokenizer)]);
  return [...patterns].filter((pattern) => !linearPatterns.has(pattern));
}

/** Whether a part puts a longer text in place of another: forty that do it tenfold fill any memory. */
export function makesTextLonger({ normalizer, pre_tokenizer: preTokenizer }: JsonObject): boolean {
  return [...partsIn(normalizer), ...partsIn(preTokenizer)].some(({ type, pattern, content }) => {
    const replaced = isJsonObject(pattern) && typeof pattern.String === 'string' ? pattern.String : '';
    return type === 'Replace' && typeof content === 'string' && content.length > replaced.length;
  });
}

/** `patterns` are those that the text may have been too much for; `path` is that of tokenizer.json. */
export function textNotCut(path: string, characters: number, seconds: number, patterns: readonly string[]) {
  const [only] = patterns;
  const named = patterns.map((pattern) => JSON.stringify(pattern)).join(', ');
  const why = only === undefined ? '' : `; its ${patterns.length === 1 ? 'pattern' : 'patterns'}: ${named}`;
  return new WarpsmithError({
    code: 'tokenizer-invalid',
    message: `${path} has not cut a text of ${characters} characters into tokens after ${seconds.toFixed(0)} s${why}.`,
    mend:
      only === undefined
        ? 'Give the text in shorter pieces.'
        : 'Fetch tokenizer.json again from where the checkpoint came from, or write a pattern that matches a text in one way only.',
  });
}

const linearPatterns: ReadonlySet<string> = new Set([...preTokenizers.values()].flatMap(({ patterns }) => patterns));

function regexesIn(part: Json | undefined): readonly string[] {
  return partsIn(part).flatMap(({ Regex: regex }) => (typeof regex === 'string' ? [regex] : []));
}
