/** The smallest whole models as GGUF files of some KB: what a fuzzer mutates. */
import {
  bool,
  encodeTensor,
  f32,
  f32s,
  type GgufContent,
  type GgufTensor,
  type GgufValue,
  i32s,
  strings,
  tensorTypes,
  text,
  u32,
} from './gguf-file.ts';

const hidden = 32;
const headDim = 16;
const bytes = Array.from({ length: 256 }, (_, byte) => byte);

/** One layer, two heads of queries and one of keys; gpt2's tokenizer for qwen3 and SentencePiece's for llama. */
export function miniGguf(architecture: 'qwen3' | 'llama'): GgufContent {
  const key = (name: string) => `${architecture}.${name}`;
  const tokenizer = architecture === 'qwen3' ? byteLevel() : sentencePiece();
  const metadata: [string, GgufValue][] = [
    ['general.architecture', text(architecture)],
    ['general.alignment', u32(32)],
    [key('context_length'), u32(64)],
    [key('embedding_length'), u32(hidden)],
    [key('block_count'), u32(1)],
    [key('feed_forward_length'), u32(64)],
    [key('attention.head_count'), u32(2)],
    [key('attention.head_count_kv'), u32(1)],
    [key('attention.key_length'), u32(headDim)],
    [key('attention.layer_norm_rms_epsilon'), f32(1e-6)],
    [key('rope.freq_base'), f32(10000)],
    ...tokenizer.metadata,
    ['tokenizer.chat_template', text('{% for message in messages %}{{ message.content }}{% endfor %}')],
  ];
  return { metadata, tensors: tensorsOf(architecture, tokenizer.size) };
}

function tensorsOf(architecture: 'qwen3' | 'llama', vocabSize: number): readonly GgufTensor[] {
  const vector = (name: string, size: number) => tensor(name, [size], 'F32');
  return [
    tensor('token_embd.weight', [vocabSize, hidden], 'Q8_0'),
    vector('output_norm.weight', hidden),
    vector('blk.0.attn_norm.weight', hidden),
    tensor('blk.0.attn_q.weight', [2 * headDim, hidden], 'BF16'),
    tensor('blk.0.attn_k.weight', [headDim, hidden], 'F16'),
    tensor('blk.0.attn_v.weight', [headDim, hidden], 'F32'),
    tensor('blk.0.attn_output.weight', [hidden, 2 * headDim], 'Q8_0'),
    ...(architecture === 'qwen3'
      ? [vector('blk.0.attn_q_norm.weight', headDim), vector('blk.0.attn_k_norm.weight', headDim)]
      : [
          {
            ...vector('rope_freqs.weight', headDim / 2),
            data: encodeTensor('F32', new Float32Array(headDim / 2).fill(2)),
          },
        ]),
    vector('blk.0.ffn_norm.weight', hidden),
    tensor('blk.0.ffn_gate.weight', [64, hidden], 'Q8_0'),
    tensor('blk.0.ffn_up.weight', [64, hidden], 'Q8_0'),
    tensor('blk.0.ffn_down.weight', [hidden, 64], 'Q8_0'),
  ];
}

function tensor(name: string, shape: readonly number[], type: 'F32' | 'F16' | 'BF16' | 'Q8_0'): GgufTensor {
  const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  return { name, shape, type: tensorTypes[type], data: encodeTensor(type, values) };
}

function byteLevel() {
  // GPT-2's letters for bytes: those that print, and U+0100 on for the others.
  const isPrintable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  const others = bytes.filter((byte) => !isPrintable(byte));
  const letters = bytes.map((byte) => String.fromCodePoint(isPrintable(byte) ? byte : 256 + others.indexOf(byte)));
  const tokens = [...letters, 'ab', 'abc', '<|im_end|>'];
  const metadata: [string, GgufValue][] = [
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.pre', text('qwen2')],
    ['tokenizer.ggml.tokens', strings(tokens)],
    ['tokenizer.ggml.token_type', i32s(tokens.map((token) => (token === '<|im_end|>' ? 3 : 1)))],
    ['tokenizer.ggml.merges', strings(['a b', 'ab c'])],
    ['tokenizer.ggml.eos_token_id', u32(258)],
    ['tokenizer.ggml.add_bos_token', bool(false)],
  ];
  return { size: tokens.length, metadata };
}

function sentencePiece() {
  const fallback = bytes.map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  const tokens = ['<unk>', '<s>', '</s>', ...fallback, '\u2581a', 'ab', '\u2581', 'a', 'b'];
  const types = tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1));
  const metadata: [string, GgufValue][] = [
    ['tokenizer.ggml.model', text('llama')],
    ['tokenizer.ggml.tokens', strings(tokens)],
    ['tokenizer.ggml.token_type', i32s(types)],
    ['tokenizer.ggml.scores', f32s(tokens.map((_, id) => -id))],
    ['tokenizer.ggml.bos_token_id', u32(1)],
    ['tokenizer.ggml.eos_token_id', u32(2)],
  ];
  return { size: tokens.length, metadata };
}
