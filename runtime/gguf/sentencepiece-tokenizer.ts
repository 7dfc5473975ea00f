/**
 * `tokenizer.ggml.model` llama: SentencePiece's BPE with byte fallback, as the parts of tokenizer.json. SentencePiece merges the
 * neighbours whose union has the highest score; as a list of merges that is every split of a token into two tokens, by the
 * token's score. Source: SentencePieceExtractor of huggingface/transformers, bpe_model.cc of google/sentencepiece.
 */
import type { JsonObject } from '../json-file.ts';
import type { MetadataReader } from './metadata-reader.ts';
import { invalid, type Vocabulary } from './vocabulary.ts';

const metaspace = '\u2581';
/** SentencePiece makes none over 16 unless told to; longer ones are made of no merges. */
const maxPieceLength = 128;
/** Characters to look at; vocabularies of 2026 come to 50 million. */
const maxSplitCharacters = 2 ** 29;

/** Throws `tokenizer-invalid`. */
export function sentencePieceTokenizer(reader: MetadataReader, vocabulary: Vocabulary): JsonObject {
  const { tokens, roles } = vocabulary;
  const addsSpace = reader.flag('tokenizer.ggml.add_space_prefix', true);
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: metaspace };
  return {
    normalizer: {
      type: 'Sequence',
      normalizers: addsSpace ? [{ type: 'Prepend', prepend: metaspace }, replace] : [replace],
    },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: metaspace }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(addsSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      unk_token: (roles.unknown === null ? null : tokens[roles.unknown]) ?? null,
      byte_fallback: true,
      fuse_unk: true,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesByScore(reader, vocabulary),
    },
  };
}

/** The highest score first; of equal ones, the token of the lower id. */
function mergesByScore(
  reader: MetadataReader,
  { file, tokens, isNormal }: Vocabulary,
): readonly (readonly [string, string])[] {
  const scores = reader.numbersOrNull('tokenizer.ggml.scores', tokens.length);
  if (scores === null) throw invalid(file, 'has no tokenizer.ggml.scores');
  const normal = new Map(tokens.map((token, id) => [token, id] as const).filter(([, id]) => isNormal(id)));
  const found: { readonly pair: readonly [string, string]; readonly id: number }[] = [];
  // A text begins as single characters, be they tokens or not.
  const isPart = (part: string) => normal.has(part) || [...part].length === 1;
  let characters = 0;
  for (const [token, id] of normal) {
    const ends = [...token].map((character) => character.length);
    if (ends.length > maxPieceLength) continue;
    characters += token.length * ends.length;
    if (characters > maxSplitCharacters) throw invalid(file, 'has tokens too long for a SentencePiece vocabulary');
    let end = 0;
    for (const length of ends.slice(0, -1)) {
      end += length;
      const pair = [token.slice(0, end), token.slice(end)] as const;
      if (pair.every(isPart)) found.push({ pair, id });
    }
  }
  const scoreOf = (id: number) => scores[id] ?? 0;
  return found.sort((a, b) => scoreOf(b.id) - scoreOf(a.id) || a.id - b.id).map(({ pair }) => pair);
}
