import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTokenizer, Tokenizer } from '../../runtime/tokenizer.ts';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const tokenizer = await loadTokenizer('models/tiny');
const hub = new HubTokenizer(read('models/tiny/tokenizer.json'), read('models/tiny/tokenizer_config.json'));

describe('the embedded tokenizer', () => {
  it('encodes the reference prompts to the reference ids', () => {
    const chats: { prompt: string; prompt_ids: number[] }[] = read('models/tiny/reference/greedy.json');
    expect(chats.length).toBeGreaterThan(0);
    for (const { prompt, prompt_ids } of chats) expect(tokenizer.encode(prompt, false)).toEqual(prompt_ids);
  });

  it('decodes what the reference decodes', () => {
    const chats: { output_ids: number[]; text: string }[] = read('models/tiny/reference/greedy.json');
    for (const { output_ids, text } of chats) expect(tokenizer.decode(output_ids)).toBe(text);
  });

  it('knows its size and its special tokens', () => {
    expect(tokenizer.vocabSize).toBe(2048);
    expect(tokenizer.specialTokens).toMatchObject({ eos_token: '<|im_end|>', bos_token: '<|endoftext|>' });
    expect(tokenizer.idOf('<|im_end|>')).toBe(2);
    expect(tokenizer.idOf('no such token')).toBeNull();
    expect([0, 1, 2, 3].map((id) => tokenizer.isSpecial(id))).toEqual([true, true, true, false]);
  });

  it('gives back any text that is normalized', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .map((raw) => raw.normalize('NFC'))
      .filter((raw) => !raw.includes('<|'));
    fc.assert(
      fc.property(text, (raw) => {
        expect(tokenizer.decode(tokenizer.encode(raw))).toBe(raw);
      }),
      { numRuns: 300 },
    );
  });

  it('decodes any ids as the library does', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 2047 }), { minLength: 1, maxLength: 20 });
    const property = fc.property(ids, fc.boolean(), (list, skip) => {
      expect(tokenizer.decode(list, skip)).toBe(hub.decode(list, { skip_special_tokens: skip }));
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('prints nothing for ids without a token', () => {
    expect(tokenizer.decode([5000, 36, -1])).toBe(tokenizer.decode([36]));
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.encode('', false)).toEqual([]);
  });
});

describe('a pattern that backtracks', () => {
  const path = 'tokenizer.json';
  const sound = read('models/tiny/tokenizer.json');
  const endless = { Regex: '(a+)+b' };
  const split = { type: 'Split', pattern: endless, behavior: 'Isolated', invert: false };
  const config = read('models/tiny/tokenizer_config.json');
  const refused = expect.objectContaining({
    code: 'tokenizer-invalid',
    message: expect.stringMatching(/tokenizer\.json has not cut a text of 50 characters.* its pattern: "\(a\+\)\+b"/),
    mend: expect.stringMatching(/Fetch tokenizer.json again/),
  });

  it.each([
    [
      'before words',
      { pre_tokenizer: { type: 'Sequence', pretokenizers: [split, ...sound.pre_tokenizer.pretokenizers] } },
    ],
    ['of a normalizer', { normalizer: { type: 'Replace', pattern: endless, content: '' } }],
  ])('%s ends in words', (_, parts) => {
    const hostile = new Tokenizer({ ...sound, ...parts }, config, path, () => 100);
    expect(() => hostile.encode('a'.repeat(50))).toThrow(refused);
    // What was ended leaves the tokenizer as it was.
    expect(hostile.decode(hostile.encode('xab'))).toContain('x');
  });

  const doubled = new Array(22).fill({ type: 'Replace', pattern: { String: 'x' }, content: 'xx' });
  it.each([
    ['normalizers', { normalizer: { type: 'Sequence', normalizers: doubled } }],
    [
      'pre-tokenizers',
      { pre_tokenizer: { type: 'Sequence', pretokenizers: [...doubled, ...sound.pre_tokenizer.pretokenizers] } },
    ],
  ])('nor does a text that grows by %s', (_, parts) => {
    const hostile = new Tokenizer({ ...sound, ...parts }, config, path, () => 100);
    expect(() => hostile.encode('x')).toThrow(/has not cut a text of 1 characters/);
    expect(hostile.encode('a')).toEqual(tokenizer.encode('a'));
  });

  it('that nobody knows and that is honest cuts as it would unwatched', () => {
    const word = { ...split, pattern: { Regex: '\\w+' } };
    const json = {
      ...sound,
      pre_tokenizer: { type: 'Sequence', pretokenizers: [word, ...sound.pre_tokenizer.pretokenizers] },
    };
    const text = 'Tell me a story, and another.';
    expect(new Tokenizer(json, config, path).encode(text)).toEqual(new HubTokenizer(json, config).encode(text).ids);
  });

  it('is not what makes a long text slow: its time is bounded whatever the pattern', () => {
    const impatient = new Tokenizer(sound, config, path, () => 1);
    const long = 'a7 '.repeat(33_333);
    expect(() => impatient.encode(long)).toThrow(/text of 99999 characters/);
    expect(impatient.encode('a7 ')).toEqual(tokenizer.encode('a7 '));
    expect(tokenizer.decode(tokenizer.encode(long))).toBe(long);
  });
});

describe('loadTokenizer', () => {
  const sound = read('models/tiny/tokenizer.json');
  const withModel = (changes: object) => JSON.stringify({ ...sound, model: { ...sound.model, ...changes } });
  const withPart = (part: object) =>
    JSON.stringify({
      ...sound,
      pre_tokenizer: { type: 'Sequence', pretokenizers: [part, ...sound.pre_tokenizer.pretokenizers] },
    });
  it.each([
    ['no tokenizer.json', null, 'file-missing', 'has no tokenizer.json'],
    ['text that is no JSON', '{', 'json-invalid', 'is not JSON'],
    ['a list', '[]', 'json-invalid', 'where an object belongs'],
    ['no model', JSON.stringify({ ...sound, model: null }), 'tokenizer-invalid', 'has no model'],
    [
      'a model of an unknown type',
      JSON.stringify({ ...sound, model: { ...sound.model, type: 'WordLevel' } }),
      'tokenizer-invalid',
      'a model of the type "WordLevel", where "BPE" or "Unigram" belongs',
    ],
    ['a list for a vocabulary', withModel({ vocab: ['a'] }), 'tokenizer-invalid', 'a list for a vocabulary'],
    ['an empty vocabulary', withModel({ vocab: {} }), 'tokenizer-invalid', 'an empty vocabulary'],
    ['two tokens of an id', withModel({ vocab: { a: 1, b: 1 } }), 'tokenizer-invalid', 'two tokens, "a" and "b"'],
    ['no merges', withModel({ merges: null }), 'tokenizer-invalid', 'null for merges'],
    ['half a merge', withModel({ merges: ['a'] }), 'tokenizer-invalid', 'a merge that is no pair of tokens, number 1'],
    ['a merge that makes no token', withModel({ merges: [['h', 'Q']] }), 'tokenizer-invalid', 'a merge to "hQ"'],
    [
      'pieces without scores',
      withModel({ type: 'Unigram', vocab: ['a'] }),
      'tokenizer-invalid',
      'a list of [token, score]',
    ],
    [
      'a template of special tokens that has none',
      JSON.stringify({ ...sound, post_processor: { type: 'TemplateProcessing' } }),
      'tokenizer-invalid',
      'cannot be used',
    ],
    [
      'a template of special tokens with one that is no token',
      JSON.stringify({
        ...sound,
        post_processor: {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: '<nowhere>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
          pair: [],
        },
      }),
      'tokenizer-invalid',
      'a token that it does not have',
    ],
    [
      'parts within parts without end',
      // As text: what writes JSON would run out of stack.
      JSON.stringify({ ...sound, normalizer: 0 }).replace(
        '"normalizer":0',
        `"normalizer":${'['.repeat(1e5)}${']'.repeat(1e5)}`,
      ),
      'tokenizer-invalid',
      'cannot be used: Maximum call stack',
    ],
    [
      'a Split of no pattern',
      withPart({ type: 'Split', pattern: {} }),
      'tokenizer-invalid',
      'an object for the pattern',
    ],
    ['a Split of a text', withPart({ type: 'Split', pattern: 'a' }), 'tokenizer-invalid', 'a string for the pattern'],
    [
      'a normalizer that replaces nothing known',
      JSON.stringify({ ...sound, normalizer: { type: 'Sequence', normalizers: [{ type: 'Replace', content: ' ' }] } }),
      'tokenizer-invalid',
      'nothing for the pattern of a Replace',
    ],
    [
      'pieces of no length',
      withPart({ type: 'FixedLength', length: 0 }),
      'tokenizer-invalid',
      'the number 0 for the length',
    ],
    ['a wide space', withPart({ type: 'Metaspace', replacement: '__' }), 'tokenizer-invalid', 'where one character'],
    [
      'bytes spelt twice',
      withPart({ type: 'ByteLevel' }),
      'tokenizer-invalid',
      'more than one part of the type ByteLevel',
    ],
    ['added tokens without ids', JSON.stringify({ ...sound, added_tokens: [{}] }), 'tokenizer-invalid', 'added_tokens'],
    [
      'ids past 2^31',
      JSON.stringify({ ...sound, model: { ...sound.model, vocab: { a: 2 ** 40 } } }),
      'tokenizer-invalid',
      'vocabulary',
    ],
    [
      'an unknown decoder',
      JSON.stringify({ ...sound, decoder: { type: 'CTC' } }),
      'tokenizer-invalid',
      'of the form CTC',
    ],
  ])('refuses %s', async (_, content, code, message) => {
    const directory = await mkdtemp(join(tmpdir(), 'tokenizer-'));
    if (content !== null) await writeFile(join(directory, 'tokenizer.json'), content);
    const error = expect.objectContaining({
      code,
      message: expect.stringContaining(message),
      mend: expect.any(String),
    });
    await expect(loadTokenizer(directory)).rejects.toEqual(error);
  });
});
