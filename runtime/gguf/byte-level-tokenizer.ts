/** `tokenizer.ggml.model` gpt2: byte-level BPE, as the `model`, `normalizer`, `pre_tokenizer` and `decoder` of tokenizer.json. */
import type { JsonObject } from '../json-file.ts';
import { quoted } from './errors.ts';
import type { MetadataReader } from './metadata-reader.ts';
import { type PreTokenizer, preTokenizers } from './pre-tokenizers.ts';
import { invalid, type Vocabulary } from './vocabulary.ts';

/** Throws `tokenizer-invalid`. */
export function byteLevelTokenizer(reader: MetadataReader, vocabulary: Vocabulary): JsonObject {
  const { patterns, normalizes, ignoresMerges } = preTokenizerOf(reader);
  return {
    normalizer: normalizes ? { type: 'NFC' } : null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        ...patterns.map((pattern) => ({
          type: 'Split',
          pattern: { Regex: pattern },
          behavior: 'Isolated',
          invert: false,
        })),
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: null,
      byte_fallback: false,
      fuse_unk: false,
      ignore_merges: ignoresMerges ?? false,
      vocab: Object.fromEntries(vocabulary.tokens.map((token, id) => [token, id])),
      merges: mergesOf(reader, vocabulary),
    },
  };
}

/** Converters of early 2024 named none; a text would be cut in the wrong places without a sign of it. */
export function preTokenizerOf(reader: MetadataReader): PreTokenizer {
  const name = reader.textOrNull('tokenizer.ggml.pre');
  const found = preTokenizers.get(name ?? '');
  if (found) return found;
  const known = [...preTokenizers.keys()].join(', ');
  const what =
    name === null
      ? 'has no tokenizer.ggml.pre, the name of its pre-tokenizer'
      : `has the pre-tokenizer ${quoted(name)}`;
  throw invalid(reader.file, `${what}; known are ${known}`);
}

/** Pairs of tokens, the first to merge first. What they make must be a token: else its text would be lost. */
function mergesOf(reader: MetadataReader, { file, tokens }: Vocabulary): readonly (readonly [string, string])[] {
  const merges = reader.stringsOrNull('tokenizer.ggml.merges');
  if (merges === null) throw invalid(file, 'has no tokenizer.ggml.merges');
  const known = new Set(tokens);
  return merges.map((merge, place) => {
    const space = merge.indexOf(' ', 1);
    const pair = [merge.slice(0, space), merge.slice(space + 1)] as const;
    if (space < 0 || pair[1] === '') throw invalid(file, `has ${quoted(merge)} for merge ${place}, which is no pair`);
    if (!known.has(pair.join(''))) throw invalid(file, `has ${quoted(merge)} for merge ${place}, which makes no token`);
    return pair;
  });
}
