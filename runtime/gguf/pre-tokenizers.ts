/**
 * How text is cut into words before byte-level BPE, by the name that `tokenizer.ggml.pre` gives. The patterns are those of the
 * tokenizers that llama.cpp derived the names from (llama-vocab.cpp of ggml-org/llama.cpp); what a pattern does not match is a
 * word too, and each further pattern cuts the words of the one before.
 */

export interface PreTokenizer {
  readonly patterns: readonly string[];
  /** Text is brought to NFC first, as the checkpoint's own tokenizer does and llama.cpp does not. */
  readonly normalizes?: boolean;
  /** A word that is a token stays one, whatever the merges say. */
  readonly ignoresMerges?: boolean;
  /** Whether a text begins with the token that begins texts, where `add_bos_token` is not given. */
  readonly addsBos?: boolean;
}

const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Words of letters with one character before them, numbers of as many digits as `digits` says, signs, and white space. */
const wordsAndNumbers = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const gpt2: PreTokenizer = { patterns: [gpt2Pattern] };
const llama3: PreTokenizer = { patterns: [wordsAndNumbers('\\p{N}{1,3}')], ignoresMerges: true, addsBos: true };
const qwen2: PreTokenizer = { patterns: [wordsAndNumbers('\\p{N}')], normalizes: true };
const singleDigits: PreTokenizer = { patterns: ['\\p{N}', gpt2Pattern] };

export const preTokenizers: ReadonlyMap<string, PreTokenizer> = new Map([
  ['default', { patterns: ['[\\p{P}\\$\\+<=>\\^~\\|]+', gpt2Pattern, '\\p{N}+', '[0-9][0-9][0-9]'] }],
  ['gpt-2', gpt2],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['falcon3', llama3],
  ['smaug-bpe', { patterns: llama3.patterns }],
  ['qwen2', qwen2],
  ['deepseek-r1-qwen', qwen2],
  ['smollm', singleDigits],
  ['starcoder', singleDigits],
]);
