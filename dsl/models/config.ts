/** The config.json of a checkpoint as the models read it, in the older and the newer spelling of transformers. */
import { type ConfigError, ConfigReader } from './config-reader.ts';

export type { ConfigError } from './config-reader.ts';

/**
 * How positions become angles, by the kinds that transformers knows (`rope_parameters` of config.json). `theta`, above 0, is the base
 * of the frequencies, and `factor`, above 0, how much longer than trained a context may be.
 */
export type RopeParameters =
  /** theta^(-2 f / headDim) radians a position (Su et al., 2021). */
  | { readonly type: 'default'; readonly theta: number }
  /** Every frequency divided by the factor (Chen et al., 2023). */
  | { readonly type: 'linear'; readonly theta: number; readonly factor: number }
  /** What each pair's frequency is divided by, [headDim / 2]: how GGUF files have Llama 3.1's scaling. */
  | { readonly type: 'factors'; readonly theta: number; readonly factors: readonly number[] }
  /** Long wavelengths divided by the factor, short ones kept, those between interpolated: Llama 3.1. */
  | {
      readonly type: 'llama3';
      readonly theta: number;
      readonly factor: number;
      /** Turns within the trained context below which a frequency counts as low. */
      readonly lowFreqFactor: number;
      /** Turns above which it counts as high. */
      readonly highFreqFactor: number;
      /** Positions that the model was trained on. */
      readonly originalMaxPositions: number;
    }
  /** NTK by parts and a scale of attention (Peng et al., 2023). */
  | {
      readonly type: 'yarn';
      readonly theta: number;
      readonly factor: number;
      /** Positions that the model was trained on. */
      readonly originalMaxPositions: number;
      /** Turns within the trained context above which a frequency is kept. */
      readonly betaFast: number;
      /** Turns below which it is divided by the factor. */
      readonly betaSlow: number;
      /** Whether the ramp between the two ends at whole pairs. */
      readonly truncate: boolean;
      /** A factor of cosines and sines; null: s(mscale) / s(mscaleAllDim), or s(1) where either is null, with s(m) = 0.1 * m * ln(factor) + 1. */
      readonly attentionFactor: number | null;
      /** The factor m of that numerator. */
      readonly mscale: number | null;
      /** The factor m of that denominator. */
      readonly mscaleAllDim: number | null;
    };

/**
 * The sizes and kinds that a config.json gives a model, checked: sizes are positive, `numHeads` is a multiple of `numKvHeads`.
 */
export interface ModelConfig {
  /** `architectures[0]`. */
  readonly architecture: string;
  /** Elements of a token in the residual stream. */
  readonly hiddenSize: number;
  /** Elements of a token between the feed-forward block's products. */
  readonly intermediateSize: number;
  /** Layers of the decoder, at most 2^10. */
  readonly numLayers: number;
  /** Query heads. */
  readonly numHeads: number;
  /** Key and value heads, a divisor of `numHeads`. */
  readonly numKvHeads: number;
  /** Elements of a head, even; hiddenSize / numHeads unless the config says otherwise. */
  readonly headDim: number;
  /** Rows of the embedding: token ids are in [0, vocabSize). */
  readonly vocabSize: number;
  /** Positions that the model was made for: tokens of its longest sequence. */
  readonly maxPositions: number;
  /** Added to a mean square before its root: 1e-6 unless the config says otherwise, and above 0. */
  readonly rmsNormEps: number;
  /** Whether the embedding's rows give the logits too, so that there is no `lm_head.weight`. */
  readonly tieWordEmbeddings: boolean;
  /** Biases of the q, k, v and o projections. */
  readonly attentionBias: boolean;
  /** Biases of the gate, up and down projections. */
  readonly mlpBias: boolean;
  /** The activation of the gate, by transformers' name. */
  readonly hiddenAct: 'silu' | 'gelu_pytorch_tanh';
  /** How positions become angles. */
  readonly rope: RopeParameters;
  /** The checkpoint's element type. */
  readonly dtype: 'bfloat16' | 'float16' | 'float32';
}

/** A config, or all that is wrong with it. */
export type ParsedConfig =
  | { readonly ok: true; readonly config: ModelConfig }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** Far above any model there is: what is larger is damage, and would be traced and compiled for hours. */
const MOST = { layers: 2 ** 10, heads: 2 ** 12, width: 2 ** 20, tokens: 2 ** 24, positions: 2 ** 24 };

/** Checks a parsed config.json, in the older and the newer spelling of transformers. Throws nothing: every mistake found is among the errors. */
export function parseConfig(json: unknown): ParsedConfig {
  const reader = new ConfigReader(json, '');
  const numHeads = reader.count('num_attention_heads', MOST.heads);
  const hiddenSize = reader.count('hidden_size', MOST.width);
  const config: ModelConfig = {
    architecture: architectureOf(reader),
    hiddenSize,
    intermediateSize: reader.count('intermediate_size', MOST.width),
    numLayers: reader.count('num_hidden_layers', MOST.layers),
    numHeads,
    numKvHeads: reader.count('num_key_value_heads', MOST.heads, numHeads),
    headDim: reader.count('head_dim', MOST.width, hiddenSize / numHeads),
    vocabSize: reader.count('vocab_size', MOST.tokens),
    maxPositions: reader.count('max_position_embeddings', MOST.positions),
    rmsNormEps: reader.number('rms_norm_eps', 1e-6),
    tieWordEmbeddings: reader.flag('tie_word_embeddings', false),
    attentionBias: reader.flag('attention_bias', false),
    mlpBias: reader.flag('mlp_bias', false),
    hiddenAct: reader.oneOf('hidden_act', ['silu', 'gelu_pytorch_tanh'], 'silu'),
    rope: ropeOf(reader),
    dtype: reader.oneOf(reader.has('dtype') ? 'dtype' : 'torch_dtype', ['bfloat16', 'float16', 'float32'], 'bfloat16'),
  };
  if (config.headDim % 2 !== 0) reader.refuse('head_dim', config.headDim, 'an even number');
  if (config.rope.type === 'factors' && config.rope.factors.length !== config.headDim / 2) {
    reader.refuse('factors', config.rope.factors, `${config.headDim / 2} numbers, half of head_dim`);
  }
  if (config.numHeads % config.numKvHeads !== 0) {
    reader.refuse('num_key_value_heads', config.numKvHeads, `a divisor of num_attention_heads (${config.numHeads})`);
  }
  refuseUnsupported(reader);
  return reader.errors.length === 0 ? { ok: true, config } : { ok: false, errors: reader.errors };
}

function architectureOf(reader: ConfigReader): string {
  const value = reader.raw('architectures');
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  if (typeof first === 'string') return first;
  reader.refuse('architectures', value, 'a list with the name of a model');
  return '';
}

/** `rope_parameters`, or `rope_theta` and `rope_scaling` in the older spelling. */
function ropeOf(reader: ConfigReader): RopeParameters {
  const newer = reader.nested('rope_parameters');
  const rope = newer ?? reader.nested('rope_scaling') ?? new ConfigReader({}, 'rope_scaling', reader.errors);
  const theta = (rope.has('rope_theta') ? rope : reader).number('rope_theta', 10000);
  const typeKey = rope.has('rope_type') ? 'rope_type' : 'type';
  const type = rope.oneOf(typeKey, ['default', 'linear', 'factors', 'llama3', 'yarn'], 'default');
  const originalMaxPositions = () =>
    rope.has('original_max_position_embeddings')
      ? rope.count('original_max_position_embeddings', MOST.positions)
      : reader.count('original_max_position_embeddings', MOST.positions, Number(reader.raw('max_position_embeddings')));
  if (rope.has('partial_rotary_factor') && rope.raw('partial_rotary_factor') !== 1) {
    rope.refuse('partial_rotary_factor', rope.raw('partial_rotary_factor'), '1');
  }
  switch (type) {
    case 'default':
      return { type, theta };
    case 'linear':
      return { type, theta, factor: rope.number('factor') };
    case 'factors':
      return { type, theta, factors: rope.numbers('factors') };
    case 'llama3':
      return {
        type,
        theta,
        factor: rope.number('factor'),
        lowFreqFactor: rope.number('low_freq_factor'),
        highFreqFactor: rope.number('high_freq_factor'),
        originalMaxPositions: originalMaxPositions(),
      };
    case 'yarn':
      return {
        type,
        theta,
        factor: rope.number('factor'),
        originalMaxPositions: originalMaxPositions(),
        betaFast: rope.number('beta_fast', 32),
        betaSlow: rope.number('beta_slow', 1),
        truncate: rope.flag('truncate', true),
        attentionFactor: rope.numberOrNull('attention_factor'),
        mscale: rope.numberOrNull('mscale'),
        mscaleAllDim: rope.numberOrNull('mscale_all_dim'),
      };
    default:
      return type satisfies never;
  }
}

/** What would change the model's meaning and is not part of these models is refused rather than ignored. */
function refuseUnsupported(reader: ConfigReader): void {
  // Its architecture's name may be one of ours, and its code compute something else.
  if (reader.has('auto_map')) {
    const mend =
      'Remove auto_map if the architecture alone says what the model computes: code of a checkpoint is never run.';
    reader.refuse('auto_map', reader.raw('auto_map'), 'no code', mend);
  }
  if (reader.flag('use_sliding_window', false)) reader.refuse('use_sliding_window', true, 'false');
  if (reader.has('quantization_config'))
    reader.refuse('quantization_config', reader.raw('quantization_config'), 'none');
  const layerTypes = reader.raw('layer_types');
  if (Array.isArray(layerTypes) && layerTypes.some((type) => type !== 'full_attention')) {
    reader.refuse(
      'layer_types',
      layerTypes.find((type) => type !== 'full_attention'),
      '"full_attention" throughout',
    );
  }
  if (reader.has('partial_rotary_factor') && reader.raw('partial_rotary_factor') !== 1) {
    reader.refuse('partial_rotary_factor', reader.raw('partial_rotary_factor'), '1');
  }
}
