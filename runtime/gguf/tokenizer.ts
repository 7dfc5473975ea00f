/** The tokenizer inside a GGUF file, built of the objects that tokenizer.json and tokenizer_config.json would hold. */
import { throwProblems } from '../errors.ts';
import type { JsonObject } from '../json-file.ts';
import { Tokenizer } from '../tokenizer.ts';
import { byteLevelTokenizer, preTokenizerOf } from './byte-level-tokenizer.ts';
import { limited, quoted } from './errors.ts';
import type { MetadataReader } from './metadata-reader.ts';
import { sentencePieceTokenizer } from './sentencepiece-tokenizer.ts';
import { invalid, readVocabulary, type Vocabulary } from './vocabulary.ts';

export interface GgufTokenizer {
  readonly tokenizer: Tokenizer;
  /** Drawing one of these ends a text. */
  readonly endOfText: readonly number[];
}

/** Throws `tokenizer-invalid` and `config-invalid`. */
export function readTokenizer(reader: MetadataReader): GgufTokenizer {
  const model = reader.textOrNull('tokenizer.ggml.model');
  switch (model) {
    case 'gpt2':
      return build(reader, readVocabulary(reader, {}), byteLevelTokenizer, preTokenizerOf(reader).addsBos ?? false);
    case 'llama':
      return build(reader, readVocabulary(reader, { bos: 1, eos: 2, unknown: 0 }), sentencePieceTokenizer, true);
    default: {
      const what = model === null ? 'has no tokenizer.ggml.model' : `has a tokenizer of the kind ${quoted(model)}`;
      throw invalid(reader.file, `${what}; known are gpt2 and llama`, 'Use a file with such a tokenizer.');
    }
  }
}

function build(
  reader: MetadataReader,
  vocabulary: Vocabulary,
  partsOf: (reader: MetadataReader, vocabulary: Vocabulary) => JsonObject,
  addsBos: boolean,
): GgufTokenizer {
  const { file, tokens, added, roles, endOfText } = vocabulary;
  const spelling = (id: number | null) => (id === null ? undefined : tokens[id]);
  const edge = (flag: string, fallback: boolean, id: number | null) => {
    const token = spelling(id);
    return reader.flag(flag, fallback) && token !== undefined ? [{ SpecialToken: { id: token, type_id: 0 } }] : [];
  };
  const sequence = { Sequence: { id: 'A', type_id: 0 } };
  const single = [
    ...edge('tokenizer.ggml.add_bos_token', addsBos, roles.bos),
    sequence,
    ...edge('tokenizer.ggml.add_eos_token', false, roles.eos),
  ];
  const json: JsonObject = {
    ...partsOf(reader, vocabulary),
    added_tokens: added.map(({ id, isSpecial }) => ({
      id,
      content: tokens[id] ?? '',
      special: isSpecial,
      normalized: false,
      lstrip: false,
      rstrip: false,
      single_word: false,
    })),
    post_processor: { type: 'TemplateProcessing', single, pair: single, special_tokens: {} },
  };
  throwProblems(limited(reader.problems));
  const config = { bos_token: roles.bos, eos_token: roles.eos, unk_token: roles.unknown, pad_token: roles.padding };
  const spelled = Object.entries(config).flatMap(([role, id]) => {
    const token = spelling(id);
    return token === undefined ? [] : [[role, token] as const];
  });
  const tokenizer = new Tokenizer(json, { ...Object.fromEntries(spelled), clean_up_tokenization_spaces: false }, file);
  return { tokenizer, endOfText };
}
