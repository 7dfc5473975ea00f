import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Detokenizer } from '../../runtime/detokenizer.ts';
import { loadTokenizer, Tokenizer } from '../../runtime/tokenizer.ts';

const tokenizer = await loadTokenizer('models/tiny');

function pieces(ids: readonly number[], skipSpecial = true, source: Tokenizer = tokenizer): string[] {
  const detokenizer = new Detokenizer(source, skipSpecial);
  return [...ids.map((id) => detokenizer.push(id)), detokenizer.end()];
}

describe('Detokenizer', () => {
  it('waits for the last byte of a character', () => {
    const ids = tokenizer.encode('é🙂', false);
    expect(ids.length).toBeGreaterThan(2);
    const printed = pieces(ids).filter((text) => text !== '');
    expect(printed).toEqual(['é', '🙂']);
  });

  it('prints U+FFFD for a character that is never completed', () => {
    const [first] = tokenizer.encode('🙂', false);
    expect(pieces([first!])).toEqual(['', '\uFFFD']);
    expect(pieces([first!, ...tokenizer.encode('a', false)]).join('')).toBe('\uFFFDa');
  });

  it('skips special tokens as if they were not there, in the middle of a character too', () => {
    const [first, ...rest] = tokenizer.encode('🙂', false);
    expect(pieces([first!, 2, ...rest]).join('')).toBe('🙂');
    expect(pieces([2, 36], false).join('')).toBe(`<|im_end|>${tokenizer.decode([36])}`);
  });

  it('prints in pieces what the full decode prints, never half a character', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 2047 }), { maxLength: 30 });
    const property = fc.property(ids, fc.boolean(), (list, skip) => {
      const printed = pieces(list, skip);
      expect(printed.join('')).toBe(tokenizer.decode(list, skip));
      for (const text of printed) expect(text).not.toMatch(/\p{Surrogate}/u);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('prints texts of all scripts without a replacement character on the way', () => {
    const property = fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const normal = text.normalize('NFC');
      const printed = pieces(tokenizer.encode(normal, false), false);
      expect(printed.join('')).toBe(normal);
      if (!normal.includes('\uFFFD')) expect(printed.some((piece) => piece.includes('\uFFFD'))).toBe(false);
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('Detokenizer over a SentencePiece vocabulary', () => {
  const spellings = [
    '<unk>',
    '</s>',
    '\u2581',
    '\u2581hello',
    'world',
    '<0xF0>',
    '<0x9F>',
    '<0x99>',
    '<0x82>',
    '<0x41>',
  ];
  const sentencePiece = new Tokenizer(
    {
      added_tokens: [
        { id: 0, content: '<unk>', special: true },
        { id: 1, content: '</s>', special: true },
      ],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          { type: 'Strip', content: ' ', start: 1, stop: 0 },
        ],
      },
      model: {
        type: 'BPE',
        unk_token: '<unk>',
        byte_fallback: true,
        vocab: Object.fromEntries(spellings.map((text, id) => [text, id])),
        merges: [],
      },
    },
    { clean_up_tokenization_spaces: false },
    'tokenizer.json',
  );

  it('drops the leading space, and joins bytes', () => {
    expect(pieces([3, 4, 3], true, sentencePiece)).toEqual(['hello', 'world', ' hello', '']);
    expect(pieces([3, 5, 6, 7, 8, 9, 4], true, sentencePiece).join('')).toBe('hello🙂Aworld');
    expect(pieces([2, 3], true, sentencePiece).join('')).toBe(' hello');
  });
});
