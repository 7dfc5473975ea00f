/** The metadata of a GGUF file as the config.json that the models of dsl/models read. */
import { throwProblems } from '../errors.ts';
import type { JsonObject } from '../json-file.ts';
import type { TensorLocation } from '../weight-types.ts';
import { architectures, type GgufArchitecture, type ModelSizes } from './architectures.ts';
import { ggufError, limited, quoted } from './errors.ts';
import type { MetadataReader } from './metadata-reader.ts';
import { ropeParameters } from './rope-parameters.ts';

/** No model's comes near it; tensors that a head's length gives the size of are read whole. */
const maxHeadDim = 1 << 16;

export interface GgufModel {
  readonly architecture: GgufArchitecture;
  readonly sizes: ModelSizes;
  readonly config: JsonObject;
}

/** Throws `model-unsupported` with the architectures there are, and `config-invalid` with every mistake. */
export function modelConfig(reader: MetadataReader, tensors: ReadonlyMap<string, TensorLocation>): GgufModel {
  const architecture = architectureOf(reader);
  const key = (name: string) => `${architecture.name}.${name}`;
  refuseUnsupported(reader, architecture);
  const numHeads = reader.count(key('attention.head_count'));
  const hiddenSize = reader.count(key('embedding_length'));
  const sizes: ModelSizes = {
    numLayers: reader.count(key('block_count')),
    hiddenSize,
    intermediateSize: reader.count(key('feed_forward_length')),
    numHeads,
    numKvHeads: reader.count(key('attention.head_count_kv'), numHeads),
    headDim: reader.count(key('attention.key_length'), hiddenSize / numHeads),
    // The embedding is padded where the tokenizer knows fewer.
    vocabSize: tensors.get('token_embd.weight')?.shape[0] ?? 0,
    tieWordEmbeddings: !tensors.has('output.weight'),
    attentionBias: tensors.has('blk.0.attn_q.bias'),
    mlpBias: tensors.has('blk.0.ffn_up.bias'),
  };
  const { headDim } = sizes;
  if (!Number.isInteger(headDim / 2) || headDim > maxHeadDim)
    reader.refuse(key('attention.key_length'), `an even number, or heads that divide ${hiddenSize},`);
  if (numHeads % sizes.numKvHeads !== 0) reader.refuse(key('attention.head_count_kv'), `a divisor of ${numHeads}`);
  for (const same of ['attention.value_length', 'rope.dimension_count']) {
    if (reader.count(key(same), headDim) !== headDim) reader.refuse(key(same), `the length of a key, ${headDim},`);
  }
  const maxPositions = reader.count(key('context_length'));
  const rmsNormEps = reader.number(key('attention.layer_norm_rms_epsilon'));
  const rope = ropeParameters(reader, architecture, { headDim, maxPositions }, tensors.get('rope_freqs.weight'));
  throwProblems(limited(reader.problems));
  return { architecture, sizes, config: configOf(architecture, sizes, { maxPositions, rmsNormEps, rope }) };
}

function architectureOf(reader: MetadataReader): GgufArchitecture {
  const name = reader.textOrNull('general.architecture');
  const found = architectures.find((architecture) => architecture.name === name);
  if (found) return found;
  const known = architectures.map((architecture) => architecture.name).join(', ');
  throw ggufError(
    reader.file,
    name === null
      ? 'has no string under general.architecture'
      : `is of the architecture ${quoted(name)}, which is not among those there are: ${known}`,
    `Use a file of ${known}.`,
    'model-unsupported',
  );
}

function configOf(
  { className, modelType }: GgufArchitecture,
  sizes: ModelSizes,
  { maxPositions, rmsNormEps, rope }: { maxPositions: number; rmsNormEps: number; rope: JsonObject },
): JsonObject {
  return {
    architectures: [className],
    model_type: modelType,
    hidden_size: sizes.hiddenSize,
    intermediate_size: sizes.intermediateSize,
    num_hidden_layers: sizes.numLayers,
    num_attention_heads: sizes.numHeads,
    num_key_value_heads: sizes.numKvHeads,
    head_dim: sizes.headDim,
    vocab_size: sizes.vocabSize,
    max_position_embeddings: maxPositions,
    rms_norm_eps: rmsNormEps,
    tie_word_embeddings: sizes.tieWordEmbeddings,
    attention_bias: sizes.attentionBias,
    mlp_bias: sizes.mlpBias,
    hidden_act: 'silu',
    rope_parameters: rope,
    dtype: 'bfloat16',
  };
}

/** What changes the model's meaning and is not part of the models here. A value that means "not used" is let pass. */
function refuseUnsupported(reader: MetadataReader, { name }: GgufArchitecture): void {
  const unused = [
    'expert_count',
    'expert_used_count',
    'attention.sliding_window',
    'attention.clamp_kqv',
    'attention.max_alibi_bias',
    'attention.scale',
    'attn_logit_softcapping',
    'final_logit_softcapping',
  ];
  for (const key of unused.map((own) => `${name}.${own}`)) {
    if (reader.has(key) && reader.numberOrNull(key, -Number.MAX_VALUE) !== 0) reader.refuse(key, '0 or nothing');
  }
  for (const key of ['logit_scale', 'embedding_scale', 'residual_scale'].map((own) => `${name}.${own}`)) {
    if (reader.has(key) && ![0, 1].includes(reader.numberOrNull(key, 0) ?? -1)) reader.refuse(key, '1 or nothing');
  }
  if (!reader.flag(`${name}.attention.causal`, true)) reader.refuse(`${name}.attention.causal`, 'true');
  const type = reader.textOrNull('general.type') ?? 'model';
  if (type !== 'model') reader.refuse('general.type', '"model"');
}
