/** Damaged and hostile GGUF files: an error each, that names the file, the thing and a mend, before anything is mapped. */
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { memorySource } from '../../../runtime/gguf/byte-source.ts';
import { parseGgufHeader } from '../../../runtime/gguf/header.ts';
import { openModel } from '../../../runtime/open-model.ts';
import {
  bool,
  encodeTensor,
  f32,
  type GgufContent,
  type GgufTensor,
  type GgufValue,
  ggufBytes,
  i32s,
  strings,
  tensorTypes,
  text,
  u32,
  writeGguf,
} from '../../support/gguf-file.ts';
import { tinyGguf } from '../../support/gguf-tiny.ts';

const vector = (name: string, size = 8): GgufTensor => ({
  name,
  shape: [size],
  type: tensorTypes.F32,
  data: encodeTensor('F32', new Float32Array(size)),
});
const small = (changed: Partial<GgufContent> = {}): GgufContent => ({
  metadata: [['general.name', text('small')]],
  tensors: [vector('a'), vector('b')],
  ...changed,
});
const withValue = (key: string, value: GgufValue) => small({ metadata: [[key, value]] });
const withTensor = (tensor: Partial<GgufTensor>) => small({ tensors: [vector('a'), { ...vector('b'), ...tensor }] });

/** Message of the refusal of a header. */
function refusal(bytes: Uint8Array): string {
  try {
    parseGgufHeader(memorySource('some.gguf', bytes));
  } catch (error) {
    expect(error).toMatchObject({ name: 'WarpsmithError', mend: expect.stringMatching(/\.$/) });
    const { message } = error as Error;
    expect(message).toMatch(/^some\.gguf /);
    return message;
  }
  return 'none';
}

describe('a header', () => {
  it('is read where it is whole', () => {
    const { tensors, metadata, version } = parseGgufHeader(memorySource('some.gguf', ggufBytes(small())));
    expect([...tensors.keys()]).toEqual(['a', 'b']);
    expect(tensors.get('b')).toMatchObject({ dtype: 'F32', shape: [8], byteLength: 32 });
    expect(metadata.get('general.name')).toEqual({ kind: 'string', value: 'small' });
    expect(version).toBe(3);
    expect(refusal(ggufBytes(small({ version: 2 })))).toBe('none');
  });

  it.each<[string, GgufContent, string]>([
    ['another magic', small({ magic: 'PK\u0003\u0004' }), 'is no GGUF file'],
    ['a format of 2023', small({ magic: 'tjgg' }), 'older than GGUF'],
    ['version 1', small({ version: 1 }), 'is of version 1 of GGUF; 2 and 3 are read'],
    ['version 4', small({ version: 4 }), 'is of version 4'],
    ['big-endian', small({ version: 0x03000000 }), 'is big-endian'],
    ['2^60 tensors', small({ tensorCount: 2n ** 60n }), 'its list of 1152921504606846976 tensors'],
    ['2^64 - 1 tensors', small({ tensorCount: 2n ** 64n - 1n }), 'tensors'],
    ['2^60 keys', small({ keyCount: 2n ** 60n }), 'over 2^53'],
    ['2^40 keys', small({ keyCount: 2n ** 40n }), 'claims 1099511627776 keys'],
    ['one key too many', small({ keyCount: 2n }), 'some.gguf'],
    ['one tensor too many', small({ tensorCount: 3n }), 'some.gguf'],
    [
      'a key twice',
      small({
        metadata: [
          ['a', u32(1)],
          ['a', u32(2)],
        ],
      }),
      'has the key "a" twice',
    ],
    ['an empty key', small({ metadata: [['', u32(1)]] }), 'empty key'],
    ['a key of 70,000 bytes', small({ metadata: [['k'.repeat(70_000), u32(1)]] }), 'at most 65535'],
    ['a value that is not UTF-8', withValue('a', text(Uint8Array.of(0xff, 0xfe))), '"a" that is not UTF-8'],
    ['an array of arrays', withValue('a', { type: 'array', of: 'array', values: [0] }), 'array of arrays'],
    ['an alignment of 0', withValue('general.alignment', u32(0)), 'general.alignment'],
    ['an alignment of 3', withValue('general.alignment', u32(3)), 'general.alignment'],
    ['an alignment of 2^31', withValue('general.alignment', u32(2 ** 31)), 'general.alignment'],
    ['an alignment of a string', withValue('general.alignment', text('32')), 'general.alignment'],
    ['another alignment than the data’s', withValue('general.alignment', u32(64)), 'multiple of the alignment 64'],
    ['a tensor twice', small({ tensors: [vector('a'), vector('a')] }), 'has the tensor "a" twice'],
    ['a name of 65 bytes', withTensor({ name: 'n'.repeat(65) }), 'at most 64'],
    ['no axes', withTensor({ shape: [] }), 'with 0 axes'],
    ['five axes', withTensor({ shape: [1, 1, 1, 1, 8] }), 'with 5 axes'],
    ['an extent of 0', withTensor({ shape: [0, 8] }), 'extent of 0'],
    ['an extent of 2^53', withTensor({ shape: [2n ** 53n] }), 'over 2^53'],
    ['extents whose product overflows', withTensor({ shape: [2 ** 40, 2 ** 40] }), 'past the end'],
    ['a shape larger than the range', withTensor({ shape: [16] }), '32 bytes past the end'],
    ['an offset past the end', withTensor({ offset: 2n ** 40n }), 'past the end'],
    ['an offset of 2^63', withTensor({ offset: 2n ** 63n }), 'over 2^53'],
    ['an offset that is not aligned', withTensor({ offset: 33 }), 'multiple of the alignment 32'],
    ['an overlap', withTensor({ offset: 0 }), 'overlaps'],
    ['a hole', small({ tensors: [vector('a'), { ...vector('b', 32), shape: [8], offset: 96 }] }), 'a hole'],
    [
      'a type that is not supported',
      withTensor({ type: tensorTypes.Q5_K }),
      'has a tensor "b" of type Q5_K; supported are BF16, F16, F32, Q8_0, Q4_0, Q4_1, Q4_K, Q6_K',
    ],
    ['a type that ggml does not have', withTensor({ type: 1000 }), 'of type number 1000'],
    [
      'a row that blocks do not divide',
      withTensor({ type: tensorTypes.Q8_0, shape: [8] }),
      'blocks of 32 do not divide',
    ],
    [
      'a row of less than a super-block',
      withTensor({ type: tensorTypes.Q4_K, shape: [2, 128] }),
      'blocks of 256 do not divide',
    ],
  ])('with %s is refused', (_, content, message) => {
    expect(refusal(ggufBytes(content))).toContain(message);
  });

  it('cut off anywhere is refused', () => {
    const bytes = ggufBytes(small());
    for (let length = 0; length < bytes.length; length++) expect(refusal(bytes.subarray(0, length))).not.toBe('none');
  });

  it('with a length past the end is refused without its memory', () => {
    const whole = ggufBytes(withValue('a', strings(['x', 'y'])));
    const array = whole.indexOf(Buffer.from('a')) + 1 + 4;
    for (const [at, claimed] of [
      [array + 4, 2n ** 40n],
      [array + 4, 2n ** 64n - 1n],
      [array + 12, 2n ** 31n],
      [array + 12, 2n ** 64n - 1n],
    ] as const) {
      const bytes = Buffer.from(whole);
      bytes.writeBigUInt64LE(claimed, at);
      const before = process.memoryUsage();
      expect(refusal(bytes)).toContain('"a"');
      const after = process.memoryUsage();
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 * 2 ** 20);
    }
  });

  it('of numbers that no memory holds is refused by their count', () => {
    // The file is 400 MB of holes, which a file system keeps for nothing.
    const file = join(mkdtempSync(join(tmpdir(), 'gguf-')), 'large.gguf');
    const head = ggufBytes(withValue('a', { type: 'array', of: 'u8', values: [] }));
    head.writeBigUInt64LE(300_000_000n, head.indexOf(Buffer.from('a')) + 1 + 4 + 4);
    writeFileSync(file, head);
    truncateSync(file, 400_000_000);
    return expect(openModel(file)).rejects.toMatchObject({
      message: expect.stringContaining('header of more than 100000000 bytes'),
    });
  });
});

describe('a file', () => {
  it('that is none is refused by what it is', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gguf-'));
    const empty = join(directory, 'empty');
    writeFileSync(empty, '');
    await expect(openModel(empty)).rejects.toMatchObject({ message: expect.stringContaining('ends at byte 0') });
    await expect(openModel(join(directory, 'none.gguf'))).rejects.toMatchObject({ code: 'file-missing' });
    await expect(openModel('/dev/zero')).rejects.toMatchObject({
      message: expect.stringContaining('not a regular file'),
    });
  });

  it('cut off within its data names the tensors', async () => {
    const file = writeGguf(tinyGguf());
    truncateSync(file, 3_000_000);
    await expect(openModel(file)).rejects.toMatchObject({
      message: expect.stringContaining('past the end of the file'),
    });
  });
});

describe('metadata', () => {
  let base: GgufContent;
  beforeAll(() => {
    base = tinyGguf();
  });
  const tokens = (values: readonly string[]) => ({
    'tokenizer.ggml.tokens': strings(values),
    'tokenizer.ggml.token_type': i32s(values.map(() => 1)),
    'tokenizer.ggml.merges': strings([]),
  });

  it.each<[string, Readonly<Record<string, GgufValue | null>>, string, string]>([
    [
      'an architecture that is not known',
      { 'general.architecture': text('gemma3') },
      'model-unsupported',
      'is of the architecture "gemma3", which is not among those there are: llama, qwen3',
    ],
    ['no architecture', { 'general.architecture': null }, 'model-unsupported', 'general.architecture'],
    ['no layers', { 'qwen3.block_count': u32(0) }, 'config-invalid', 'the number 0 for qwen3.block_count'],
    [
      'more layers than tensors',
      { 'qwen3.block_count': u32(2 ** 31 - 1) },
      'weights-invalid',
      'too few for 2147483647 layers',
    ],
    ['fewer layers than tensors', { 'qwen3.block_count': u32(3) }, 'weights-invalid', 'blk.3.'],
    ['a string for a size', { 'qwen3.embedding_length': text('256') }, 'config-invalid', 'qwen3.embedding_length'],
    [
      'no width of the MLP',
      { 'qwen3.feed_forward_length': null },
      'config-invalid',
      'nothing for qwen3.feed_forward_length',
    ],
    [
      'another width than the tensors',
      { 'qwen3.feed_forward_length': u32(641) },
      'weights-invalid',
      'where its metadata means [641, 256]',
    ],
    [
      'heads that kv heads do not divide',
      { 'qwen3.attention.head_count_kv': u32(3) },
      'config-invalid',
      'a divisor of 4',
    ],
    ['heads that differ', { 'qwen3.attention.head_count': i32s([4, 4, 2, 4]) }, 'config-invalid', 'head_count'],
    ['an odd length of keys', { 'qwen3.attention.key_length': u32(63) }, 'config-invalid', 'key_length'],
    ['values of another length', { 'qwen3.attention.value_length': u32(32) }, 'config-invalid', 'value_length'],
    ['a partial rotation', { 'qwen3.rope.dimension_count': u32(32) }, 'config-invalid', 'rope.dimension_count'],
    ['an epsilon of NaN', { 'qwen3.attention.layer_norm_rms_epsilon': f32(Number.NaN) }, 'config-invalid', 'epsilon'],
    ['a base of infinity', { 'qwen3.rope.freq_base': f32(Number.POSITIVE_INFINITY) }, 'config-invalid', 'freq_base'],
    ['experts', { 'qwen3.expert_count': u32(8) }, 'config-invalid', 'expert_count'],
    ['an adapter', { 'general.type': text('adapter') }, 'config-invalid', 'general.type'],
    [
      'a scaling that is not known',
      { 'qwen3.rope.scaling.type': text('longrope') },
      'config-invalid',
      'none, linear or yarn',
    ],
    ['no tokenizer', { 'tokenizer.ggml.model': null }, 'tokenizer-invalid', 'has no tokenizer.ggml.model'],
    [
      'a tokenizer that is not known',
      { 'tokenizer.ggml.model': text('t5') },
      'tokenizer-invalid',
      'known are gpt2 and llama',
    ],
    ['no pre-tokenizer', { 'tokenizer.ggml.pre': null }, 'tokenizer-invalid', 'has no tokenizer.ggml.pre'],
    [
      'a pre-tokenizer that is not known',
      { 'tokenizer.ggml.pre': text('viking') },
      'tokenizer-invalid',
      'known are default',
    ],
    ['no tokens', { 'tokenizer.ggml.tokens': null }, 'tokenizer-invalid', 'has no tokenizer.ggml.tokens'],
    ['a token twice', tokens(['a', 'b', 'a']), 'tokenizer-invalid', 'has the token "a" twice, as 0 and 2'],
    [
      'too few kinds of tokens',
      { 'tokenizer.ggml.token_type': i32s([1]) },
      'config-invalid',
      'an array of 2048 numbers',
    ],
    [
      'an end of text that is no token',
      { 'tokenizer.ggml.eos_token_id': u32(2048) },
      'config-invalid',
      'from 0 to 2047',
    ],
    ['a merge without a space', { 'tokenizer.ggml.merges': strings(['ab']) }, 'tokenizer-invalid', 'which is no pair'],
    [
      'a merge that makes no token',
      { 'tokenizer.ggml.merges': strings(['h e', 'zzz qqq']) },
      'tokenizer-invalid',
      'makes no token',
    ],
    ['a flag that is a number', { 'tokenizer.ggml.add_bos_token': u32(1) }, 'config-invalid', 'add_bos_token'],
    [
      'a chat template that is a list',
      { 'tokenizer.chat_template': strings(['a']) },
      'config-invalid',
      'chat_template',
    ],
    ['a temperature below 0', { 'general.sampling.temp': f32(-1) }, 'config-invalid', 'general.sampling.temp'],
  ])('with %s is refused', async (_, changed, code, message) => {
    const metadata = new Map(base.metadata);
    for (const [key, value] of Object.entries(changed)) {
      if (value === null) metadata.delete(key);
      else metadata.set(key, value);
    }
    const file = writeGguf({ ...base, metadata: [...metadata] });
    await expect(openModel(file)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      mend: expect.stringMatching(/\.$/),
    });
  });

  it.each<[string, (tensors: readonly GgufTensor[]) => readonly GgufTensor[], string]>([
    [
      'a tensor that is missing',
      (tensors) => tensors.filter(({ name }) => name !== 'blk.1.ffn_up.weight'),
      'has no tensor "blk.1.ffn_up.weight"',
    ],
    [
      'a tensor of another model',
      (tensors) => [...tensors, vector('blk.0.attn_sinks.weight')],
      'has a tensor "blk.0.attn_sinks.weight", which is not part',
    ],
    [
      'some biases of several',
      (tensors) => [...tensors, vector('blk.0.attn_q.bias', 256)],
      'has no tensor "blk.0.attn_k.bias"',
    ],
    ['frequency factors that it does not use', (tensors) => [...tensors, vector('rope.freqs', 32)], 'rope.freqs'],
  ])('of tensors with %s is refused', async (_, change, message) => {
    const file = writeGguf({ ...base, tensors: change(base.tensors) });
    await expect(openModel(file)).rejects.toMatchObject({ message: expect.stringContaining(message) });
  });

  it('that says what is so anyway is taken', async () => {
    const said = {
      'qwen3.expert_count': u32(0),
      'qwen3.attention.causal': bool(true),
      'general.type': text('model'),
      'tokenizer.ggml.add_eos_token': bool(false),
    };
    const file = writeGguf({ ...base, metadata: [...base.metadata, ...Object.entries(said)] });
    expect((await openModel(file)).config).toMatchObject({
      architectures: ['Qwen3ForCausalLM'],
      num_hidden_layers: 4,
      tie_word_embeddings: true,
      rms_norm_eps: 1e-6,
    });
  });
});
