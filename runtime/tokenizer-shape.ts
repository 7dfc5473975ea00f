/** What tokenizer.json must hold before @huggingface/tokenizers is given it, which passes over some mistakes and loses text by them. */
import { type ErrorCode, WarpsmithError } from './errors.ts';
import { describe, isJsonObject, type Json, type JsonObject } from './json-file.ts';

/** Throws `tokenizer-invalid`; `path` is for the message. */
export function checkTokenizerShape(json: JsonObject, path: string): void {
  const what = wrongAddedTokens(json.added_tokens) ?? wrongModel(json.model);
  if (what !== null) throw invalidTokenizer(path, `has ${what}`);
}

/** Throws `tokenizer-mismatch` where a model of `vocabSize` tokens lacks some; it may have more, which are padding. */
export function checkVocabulary(tokenizer: { readonly vocabSize: number }, vocabSize: number): void {
  if (tokenizer.vocabSize <= vocabSize) return;
  throw new WarpsmithError({
    code: 'tokenizer-mismatch',
    message: `The tokenizer has ids up to ${tokenizer.vocabSize - 1}; the model knows ${vocabSize} tokens.`,
    mend: 'Use the tokenizer that the checkpoint came with.',
  });
}

export function invalidTokenizer(path: string, what: string, cause?: unknown): WarpsmithError {
  const code: ErrorCode = 'tokenizer-invalid';
  const mend = 'Fetch tokenizer.json and tokenizer_config.json again from where the checkpoint came from.';
  return new WarpsmithError({ code, message: `${path} ${what}.`, mend }, { cause });
}

function wrongAddedTokens(added: Json | undefined): string | null {
  const isToken = (item: Json) => isJsonObject(item) && isTokenId(item.id) && typeof item.content === 'string';
  return Array.isArray(added) && added.every(isToken) ? null : 'added_tokens that are not a list of { id, content }';
}

function wrongModel(model: Json | undefined): string | null {
  if (!isJsonObject(model)) return 'no model';
  const { type, vocab } = model;
  // Files of old do not say which it is.
  switch (type ?? (Array.isArray(vocab) ? 'Unigram' : 'BPE')) {
    case 'BPE':
      return wrongVocabulary(vocab) ?? wrongMerges(model);
    case 'Unigram':
      return Array.isArray(vocab) && vocab.length > 0 && vocab.every(isScoredToken)
        ? null
        : 'a vocabulary that is not a list of [token, score]';
    default:
      return `a model of the type ${typeof type === 'string' ? JSON.stringify(type) : describe(type)}, where "BPE" or "Unigram" belongs`;
  }
}

function wrongVocabulary(vocab: Json | undefined): string | null {
  if (!isJsonObject(vocab)) return `${describe(vocab)} for a vocabulary, where an object of tokens and ids belongs`;
  const tokens = new Map<Json, string>();
  for (const [token, id] of Object.entries(vocab)) {
    if (!isTokenId(id)) return 'a vocabulary whose ids are not whole numbers from 0';
    const other = tokens.get(id);
    if (other !== undefined)
      return `the id ${id} for two tokens, ${JSON.stringify(other)} and ${JSON.stringify(token)}`;
    tokens.set(id, token);
  }
  return tokens.size > 0 ? null : 'an empty vocabulary';
}

/** `"a b"` or `["a", "b"]`. What a merge makes must be a token: its text would be lost. */
function wrongMerges({ merges, vocab, continuing_subword_prefix: prefix }: JsonObject): string | null {
  if (!Array.isArray(merges)) return `${describe(merges)} for merges, where a list belongs`;
  const skipped = typeof prefix === 'string' ? prefix.length : 0;
  for (const [place, merge] of merges.entries()) {
    const pair: readonly Json[] = typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];
    const [left, right] = pair;
    if (pair.length !== 2 || typeof left !== 'string' || typeof right !== 'string')
      return `a merge that is no pair of tokens, number ${place + 1}`;
    const whole = left + right.slice(skipped);
    if (!Object.hasOwn(vocab as JsonObject, whole))
      return `a merge to ${JSON.stringify(whole)}, which is no token of its vocabulary`;
  }
  return null;
}

function isScoredToken(entry: Json): boolean {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number';
}

function isTokenId(id: Json | undefined): boolean {
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 31;
}
