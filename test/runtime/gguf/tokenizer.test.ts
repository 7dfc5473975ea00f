/** Tokenizers inside GGUF files: byte-level BPE against tokenizer.json, SentencePiece against its algorithm written plainly. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../runtime/gguf/byte-source.ts';
import { parseGgufHeader } from '../../../runtime/gguf/header.ts';
import { MetadataReader } from '../../../runtime/gguf/metadata-reader.ts';
import { readTokenizer } from '../../../runtime/gguf/tokenizer.ts';
import { loadTokenizer } from '../../../runtime/tokenizer.ts';
import { bool, f32s, type GgufValue, ggufBytes, i32s, strings, text, u32 } from '../../support/gguf-file.ts';
import { tinyGguf } from '../../support/gguf-tiny.ts';
import { tinyModel } from '../../support/tiny-model.ts';

/** The tokenizer of a file of metadata alone. */
function tokenizerOf(metadata: Readonly<Record<string, GgufValue>>) {
  const bytes = ggufBytes({ metadata: Object.entries(metadata), tensors: [] });
  return readTokenizer(new MetadataReader('some.gguf', parseGgufHeader(memorySource('some.gguf', bytes)).metadata));
}

const texts = [
  'Once upon a time, there was a little girl named Zorik.',
  "I'm sure they'll say it's 12345 o'clock!\n\n  Two spaces,\ttabs\r\nand  CAPITALS: 'S 'LL",
  'naïve café e\u0301 — “quotes” 你好，世界 🙂👩‍👩‍👧 \u0000\u00a0',
  '<|im_start|>user\nHello<|im_end|>\n<|endoftext|> <|im_end',
  '',
];

describe('gpt2: byte-level BPE', async () => {
  const expected = await loadTokenizer(tinyModel);
  const tiny = Object.fromEntries(tinyGguf().metadata.filter(([key]) => key.startsWith('tokenizer.')));
  const { tokenizer, endOfText } = tokenizerOf(tiny);

  it.each(texts)('gives the ids of tokenizer.json: %j', (sample) => {
    const ids = tokenizer.encode(sample);
    expect(ids).toEqual(expected.encode(sample));
    for (const skipSpecial of [true, false])
      expect(tokenizer.decode(ids, skipSpecial)).toBe(expected.decode(ids, skipSpecial));
  });

  it('does so for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (sample) => {
        expect(tokenizer.encode(sample)).toEqual(expected.encode(sample));
      }),
      { seed: 20261126, numRuns: 300 },
    );
  });

  it('knows its tokens by their roles', () => {
    expect(tokenizer.vocabSize).toBe(2048);
    expect(tokenizer.specialTokens).toEqual({
      bos_token: '<|endoftext|>',
      eos_token: '<|im_end|>',
      pad_token: '<|endoftext|>',
    });
    // <|endoftext|> ends a text in every model, named or not.
    expect(endOfText).toEqual([2, 0]);
    expect([0, 1, 2, 3].map((id) => tokenizer.isSpecial(id))).toEqual([true, true, true, false]);
  });

  it('begins and ends texts as the metadata say', () => {
    const edged = { ...tiny, 'tokenizer.ggml.add_bos_token': bool(true), 'tokenizer.ggml.add_eos_token': bool(true) };
    const hello = expected.encode('Hello');
    expect(tokenizerOf(edged).tokenizer.encode('Hello')).toEqual([0, ...hello, 2]);
    expect(tokenizerOf(edged).tokenizer.encode('Hello', false)).toEqual(hello);
    // Llama 3's converter leaves the flag out.
    const unsaid: Record<string, GgufValue> = { ...tiny, 'tokenizer.ggml.pre': text('llama-bpe') };
    delete unsaid['tokenizer.ggml.add_bos_token'];
    expect(tokenizerOf(unsaid).tokenizer.encode('Hello')[0]).toBe(0);
  });

  /** A vocabulary of bytes and words: a word that the pre-tokenizer leaves whole is one token. */
  const wordsOf = (pre: string, sample: string): string[] => {
    const bytes = Object.entries(tinyVocabulary()).filter(([token]) => [...token].length === 1);
    const vocabulary = bytes.map(([token]) => token);
    const { tokenizer: cut } = tokenizerOf({
      'tokenizer.ggml.model': text('gpt2'),
      'tokenizer.ggml.pre': text(pre),
      'tokenizer.ggml.tokens': strings([
        ...vocabulary,
        ...['ab', 'abc', '12', '123', '1234', 'Ġab', 'ĊĊ', '..', 'ĠĠ', "'s", "'S"],
      ]),
      'tokenizer.ggml.merges': strings([
        'a b',
        'ab c',
        '1 2',
        '12 3',
        '123 4',
        'Ġ ab',
        'Ċ Ċ',
        '. .',
        'Ġ Ġ',
        "' s",
        "' S",
      ]),
      'tokenizer.ggml.add_bos_token': bool(false),
    });
    return cut.encode(sample).map((id) => cut.decode([id]));
  };
  const tinyVocabulary = (): Record<string, number> => {
    const tokens = tiny['tokenizer.ggml.tokens'];
    return tokens?.type === 'array' ? Object.fromEntries(tokens.values.map((token, id) => [String(token), id])) : {};
  };

  it.each([
    // Llama 3 keeps three digits together, Qwen one, GPT-2 all.
    ['llama-bpe', 'abc1234', ['abc', '123', '4']],
    ['qwen2', 'abc1234', ['abc', '1', '2', '3', '4']],
    ['smollm', 'abc1234', ['abc', '1', '2', '3', '4']],
    ['gpt-2', 'abc1234', ['abc', '1234']],
    ['default', 'abc1234', ['abc', '123', '4']],
    // Contractions in capitals are those of the later patterns.
    ['qwen2', "x's'S", ['x', "'s", "'S"]],
    ['gpt-2', "x's'S", ['x', "'s", "'", 'S']],
    // Punctuation and white space.
    ['default', ' ab..', [' ab', '..']],
    ['qwen2', 'a  ab\n\n', ['a', ' ', ' ab', '\n\n']],
    ['smollm', 'a  ab', ['a', ' ', ' ab']],
  ])('%s cuts %j', (pre, sample, words) => {
    expect(wordsOf(pre, sample)).toEqual(words);
  });

  it('brings text to NFC where the checkpoint’s own tokenizer does', () => {
    const decomposed = 'cafe\u0301';
    expect(tokenizer.decode(tokenizer.encode(decomposed))).toBe('caf\u00e9');
    const { tokenizer: raw } = tokenizerOf({ ...tiny, 'tokenizer.ggml.pre': text('gpt-2') });
    expect(raw.decode(raw.encode(decomposed))).toBe(decomposed);
  });

  it('prints an added token as it is spelled, special or not', () => {
    const tokens = Object.keys(tinyVocabulary());
    const types = tokens.map((_, id) => (id < 3 ? 3 : id === 2047 ? 4 : 1));
    tokens[2047] = '<think> é';
    const { tokenizer: added } = tokenizerOf({
      ...tiny,
      'tokenizer.ggml.tokens': strings(tokens),
      'tokenizer.ggml.token_type': i32s(types),
      'tokenizer.ggml.merges': strings([]),
    });
    expect(added.encode('<think> é')).toEqual([2047]);
    expect(added.decode([2047])).toBe('<think> é');
  });
});

describe('llama: SentencePiece', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  const letters = ['\u2581', 'a', 'b', 'c', 'd', '.'];
  /** In the order of their scores, the best first; ids follow another order. */
  const ranked = ['ab', '\u2581a', 'bc', 'abc', 'cd', '\u2581\u2581', '\u2581ab', 'abcd', 'dd', 'ddd', 'zy'];
  const pieces = [...ranked].sort();
  const scoreOf = (piece: string) => (ranked.includes(piece) ? -1 - ranked.indexOf(piece) : -100);
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, ...pieces, ...letters, '<tool>'];
  const types = tokens.map((token, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : token === '<tool>' ? 4 : 1));
  const metadata = {
    'tokenizer.ggml.model': text('llama'),
    'tokenizer.ggml.tokens': strings(tokens),
    'tokenizer.ggml.token_type': i32s(types),
    'tokenizer.ggml.scores': f32s(tokens.map((token, id) => (types[id] === 1 ? scoreOf(token) : 0))),
  };
  const { tokenizer, endOfText } = tokenizerOf(metadata);

  /** Merges the neighbours whose union scores highest, the leftmost of equals, until there are none; then bytes for what is no token. */
  function plain(sample: string): number[] {
    const symbols = [...`\u2581${sample.replaceAll(' ', '\u2581')}`];
    for (;;) {
      let best = -1;
      for (let i = 0; i + 1 < symbols.length; i++) {
        const union = `${symbols[i]}${symbols[i + 1]}`;
        if (!ranked.includes(union)) continue;
        if (best < 0 || scoreOf(union) > scoreOf(`${symbols[best]}${symbols[best + 1]}`)) best = i;
      }
      if (best < 0) break;
      symbols.splice(best, 2, `${symbols[best]}${symbols[best + 1]}`);
    }
    return symbols.flatMap((symbol) => {
      const id = tokens.indexOf(symbol);
      return id >= 0 ? [id] : [...new TextEncoder().encode(symbol)].map((byte) => 3 + byte);
    });
  }

  it('gives the ids of the algorithm for any text of its letters and others', () => {
    const unit = fc.constantFrom('a', 'b', 'c', 'd', '.', ' ', 'z', 'y', 'é', '🙂', '\n');
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 24 }), (sample) => {
        expect(tokenizer.encode(sample)).toEqual([1, ...plain(sample)]);
        expect(tokenizer.decode(plain(sample))).toBe(sample);
      }),
      { seed: 20261126, numRuns: 500 },
    );
  });

  it('knows its tokens by their roles, given or not', () => {
    expect(tokenizer.specialTokens).toEqual({ bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' });
    expect(endOfText).toEqual([2]);
    const told = tokenizerOf({ ...metadata, 'tokenizer.ggml.eot_token_id': u32(0) });
    expect(told.endOfText).toEqual([2, 0]);
  });

  it('cuts a text at its added tokens, and hides the special ones', () => {
    const ids = tokenizer.encode('<s>ab</s><tool>', false);
    expect(ids).toEqual([1, ...plain('ab'), 2, tokens.indexOf('<tool>')]);
    expect(tokenizer.decode(ids)).toBe('ab<tool>');
  });

  it('begins no word with a space where the metadata say so', () => {
    const { tokenizer: bare } = tokenizerOf({ ...metadata, 'tokenizer.ggml.add_space_prefix': bool(false) });
    expect(bare.encode('abc', false)).toEqual([tokens.indexOf('abc')]);
    expect(bare.decode(bare.encode(' ab', false))).toBe(' ab');
  });
});
