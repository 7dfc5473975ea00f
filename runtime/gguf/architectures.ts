/** The architectures of GGUF files that a model of dsl/models exists for, and the names of their tensors in llama.cpp and in transformers. */

export interface GgufArchitecture {
  /** `general.architecture`, and the prefix of the metadata's keys. */
  readonly name: string;
  /** What config.json has for `architectures` and `model_type`. */
  readonly className: string;
  readonly modelType: string;
  /** Whether queries and keys are normed by head. */
  readonly headNorms: boolean;
  /**
   * Whether the rotary embedding of llama.cpp turns neighbours and not halves of a head, for which its converter interleaves the
   * halves of each head's rows of the q and k projections.
   */
  readonly interleavedHeads: boolean;
}

export const architectures: readonly GgufArchitecture[] = [
  { name: 'llama', className: 'LlamaForCausalLM', modelType: 'llama', headNorms: false, interleavedHeads: true },
  { name: 'qwen3', className: 'Qwen3ForCausalLM', modelType: 'qwen3', headNorms: true, interleavedHeads: false },
];

/** What the shapes of tensors follow from. */
export interface ModelSizes {
  readonly numLayers: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  readonly tieWordEmbeddings: boolean;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
}

/** A tensor that a model has: its name in a checkpoint of transformers, and its shape. */
export interface ModelTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly interleavedHeadRows?: number;
}

/** By the names of a GGUF file. */
export function modelTensors(architecture: GgufArchitecture, sizes: ModelSizes): ReadonlyMap<string, ModelTensor> {
  const { hiddenSize, vocabSize, tieWordEmbeddings, numLayers } = sizes;
  const tensors = new Map<string, ModelTensor>([
    ['token_embd.weight', { name: 'model.embed_tokens.weight', shape: [vocabSize, hiddenSize] }],
    ['output_norm.weight', { name: 'model.norm.weight', shape: [hiddenSize] }],
  ]);
  if (!tieWordEmbeddings) tensors.set('output.weight', { name: 'lm_head.weight', shape: [vocabSize, hiddenSize] });
  const inLayer = layerTensors(architecture, sizes);
  for (let layer = 0; layer < numLayers; layer++) {
    for (const [own, tensor] of inLayer)
      tensors.set(`blk.${layer}.${own}`, { ...tensor, name: `model.layers.${layer}.${tensor.name}` });
  }
  return tensors;
}

function layerTensors(architecture: GgufArchitecture, sizes: ModelSizes): readonly (readonly [string, ModelTensor])[] {
  const { hiddenSize, intermediateSize, numHeads, numKvHeads, headDim, attentionBias, mlpBias } = sizes;
  const vector = (own: string, name: string, size: number) =>
    [`${own}.weight`, { name: `${name}.weight`, shape: [size] }] as const;
  const linear = (
    own: string,
    name: string,
    [rows, columns]: readonly [number, number],
    bias: boolean,
    rotated = false,
  ) => {
    const order = rotated && architecture.interleavedHeads ? { interleavedHeadRows: headDim } : {};
    const weight = [`${own}.weight`, { name: `${name}.weight`, shape: [rows, columns], ...order }] as const;
    return bias ? [weight, [`${own}.bias`, { name: `${name}.bias`, shape: [rows], ...order }] as const] : [weight];
  };
  const queries = numHeads * headDim;
  const keys = numKvHeads * headDim;
  return [
    vector('attn_norm', 'input_layernorm', hiddenSize),
    ...linear('attn_q', 'self_attn.q_proj', [queries, hiddenSize], attentionBias, true),
    ...linear('attn_k', 'self_attn.k_proj', [keys, hiddenSize], attentionBias, true),
    ...linear('attn_v', 'self_attn.v_proj', [keys, hiddenSize], attentionBias),
    ...linear('attn_output', 'self_attn.o_proj', [hiddenSize, queries], attentionBias),
    ...(architecture.headNorms
      ? [vector('attn_q_norm', 'self_attn.q_norm', headDim), vector('attn_k_norm', 'self_attn.k_norm', headDim)]
      : []),
    vector('ffn_norm', 'post_attention_layernorm', hiddenSize),
    ...linear('ffn_gate', 'mlp.gate_proj', [intermediateSize, hiddenSize], mlpBias),
    ...linear('ffn_up', 'mlp.up_proj', [intermediateSize, hiddenSize], mlpBias),
    ...linear('ffn_down', 'mlp.down_proj', [hiddenSize, intermediateSize], mlpBias),
  ];
}
