/** The embedded model as a GGUF file, in the names and the order of rows of llama.cpp's converter. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSafetensorsHeader } from '../../runtime/safetensors.ts';
import {
  bool,
  encodeTensor,
  f32,
  type GgufContent,
  type GgufTensor,
  type GgufValue,
  i32s,
  strings,
  tensorTypes,
  text,
  u32,
} from './gguf-file.ts';
import { tinyModel } from './tiny-model.ts';

type WrittenType = 'F32' | 'F16' | 'BF16' | 'Q8_0';

interface TinyOptions {
  /** Of matrices; vectors are F32, as llama.cpp writes them. */
  readonly type?: WrittenType;
  /** llama has no norms of heads and interleaves the rows of q and k. */
  readonly architecture?: 'qwen3' | 'llama';
  /** Metadata in place of the model's own (by key); null leaves a key out. */
  readonly metadata?: Readonly<Record<string, GgufValue | null>>;
  readonly extraTensors?: readonly GgufTensor[];
}

const headDim = 64;

/** A whole file's content; the order of tensors is the checkpoint's. */
export function tinyGguf(options: TinyOptions = {}): GgufContent {
  const { type = 'BF16', architecture = 'qwen3', metadata = {}, extraTensors = [] } = options;
  const own = new Map<string, GgufValue>([...modelMetadata(architecture), ...tokenizerMetadata()]);
  for (const [key, value] of Object.entries(metadata)) {
    if (value === null) own.delete(key);
    else own.set(key, value);
  }
  const tensors = [...checkpoint].flatMap(([name, { shape, bits }]): GgufTensor[] => {
    if (architecture === 'llama' && /\.self_attn\.[qk]_norm\./.test(name)) return [];
    const isRotated = architecture === 'llama' && /\.self_attn\.[qk]_proj\./.test(name);
    const written = shape.length === 1 ? 'F32' : type;
    const rows = isRotated ? interleaved(bits, shape) : bits;
    return [{ name: ggufName(name), shape, type: tensorTypes[written], data: encoded(written, rows) }];
  });
  return { metadata: [...own], tensors: [...tensors, ...extraTensors] };
}

function modelMetadata(architecture: string): [string, GgufValue][] {
  const key = (name: string) => `${architecture}.${name}`;
  return [
    ['general.architecture', text(architecture)],
    ['general.name', text('Tiny')],
    [key('context_length'), u32(512)],
    [key('embedding_length'), u32(256)],
    [key('block_count'), u32(4)],
    [key('feed_forward_length'), u32(640)],
    [key('attention.head_count'), u32(4)],
    [key('attention.head_count_kv'), u32(2)],
    [key('attention.key_length'), u32(headDim)],
    [key('attention.value_length'), u32(headDim)],
    [key('attention.layer_norm_rms_epsilon'), f32(1e-6)],
    [key('rope.freq_base'), f32(10000)],
    [key('rope.dimension_count'), u32(headDim)],
  ];
}

interface TokenizerJson {
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (readonly [string, string])[];
  };
  readonly added_tokens: readonly { readonly id: number }[];
}

function tokenizerMetadata(): [string, GgufValue][] {
  const json: TokenizerJson = JSON.parse(readFileSync(join(tinyModel, 'tokenizer.json'), 'utf8'));
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(json.model.vocab)) tokens[id] = token;
  const control = new Set(json.added_tokens.map(({ id }) => id));
  return [
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.pre', text('qwen2')],
    ['tokenizer.ggml.tokens', strings(tokens)],
    ['tokenizer.ggml.token_type', i32s(tokens.map((_, id) => (control.has(id) ? 3 : 1)))],
    ['tokenizer.ggml.merges', strings(json.model.merges.map(([first, second]) => `${first} ${second}`))],
    ['tokenizer.ggml.bos_token_id', u32(0)],
    ['tokenizer.ggml.eos_token_id', u32(2)],
    ['tokenizer.ggml.padding_token_id', u32(0)],
    ['tokenizer.ggml.add_bos_token', bool(false)],
    ['tokenizer.chat_template', text(readFileSync(join(tinyModel, 'chat_template.jinja'), 'utf8'))],
  ];
}

interface NamedTensor {
  readonly shape: readonly number[];
  /** bf16. */
  readonly bits: Uint16Array;
}

function readTensors(): ReadonlyMap<string, NamedTensor> {
  const bytes = readFileSync(join(tinyModel, 'model.safetensors'));
  const headerBytes = Number(bytes.readBigUInt64LE());
  const { tensors } = parseSafetensorsHeader(bytes.subarray(8, 8 + headerBytes), 'model.safetensors', bytes.length);
  return new Map(
    [...tensors].map(([name, { shape, byteOffset, byteLength }]) => {
      const bits = new Uint16Array(Uint8Array.from(bytes.subarray(byteOffset, byteOffset + byteLength)).buffer);
      return [name, { shape, bits }];
    }),
  );
}

const checkpoint = readTensors();

/** A bf16 is the upper half of an f32. */
function encoded(type: WrittenType, bits: Uint16Array): Uint8Array {
  if (type === 'BF16') return new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
  const singles = new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
  return type === 'F32' ? new Uint8Array(singles.buffer) : encodeTensor(type, singles);
}

/** `LlamaModel.permute` of llama.cpp's converter: [heads, 2, headDim / 2, columns] with its middle axes exchanged. */
function interleaved(bits: Uint16Array, [rows = 0, columns = 0]: readonly number[]): Uint16Array {
  const permuted = new Uint16Array(bits.length);
  const half = headDim / 2;
  let to = 0;
  for (let head = 0; head < rows / headDim; head++) {
    for (let pair = 0; pair < half; pair++) {
      for (let side = 0; side < 2; side++, to++) {
        const from = (head * 2 + side) * half + pair;
        permuted.set(bits.subarray(from * columns, (from + 1) * columns), to * columns);
      }
    }
  }
  return permuted;
}

const names: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

function ggufName(name: string): string {
  const [, layer, inLayer, suffix] = /^(?:model\.layers\.(\d+)\.)?(.*)\.(weight|bias)$/.exec(name) ?? [];
  const own = names[inLayer ?? ''];
  if (own === undefined) throw new Error(`no name for ${name}`);
  return layer === undefined ? `${own}.${suffix}` : `blk.${layer}.${own}.${suffix}`;
}
