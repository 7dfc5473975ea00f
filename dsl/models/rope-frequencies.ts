/**
 * Inverse frequencies of the rotary embedding from a config's rope parameters, in f64 (formulas of transformers'
 * modeling_rope_utils.py).
 */
import type { RopeParameters } from './config.ts';

/** What turns a position into the rotations of its pairs. */
export interface RopeFrequencies {
  /** [headDim / 2], radians a position. */
  readonly inverseFrequency: readonly number[];
  /** A factor of cosines and sines: 1 but for yarn. */
  readonly scale: number;
}

/**
 * Of pair f of headDim / 2: theta^(-2 f / headDim) radians a position (Su et al., 2021), scaled as `rope.type` says, by the formulas of
 * transformers' modeling_rope_utils.py.
 */
export function ropeFrequencies(rope: RopeParameters, headDim: number): RopeFrequencies {
  const base = Array.from({ length: headDim / 2 }, (_, f) => rope.theta ** ((-2 * f) / headDim));
  switch (rope.type) {
    case 'default':
      return { inverseFrequency: base, scale: 1 };
    case 'linear':
      return { inverseFrequency: base.map((frequency) => frequency / rope.factor), scale: 1 };
    case 'factors':
      return { inverseFrequency: base.map((frequency, f) => frequency / (rope.factors[f] ?? 1)), scale: 1 };
    case 'llama3':
      return { inverseFrequency: base.map((frequency) => llama3Frequency(rope, frequency)), scale: 1 };
    case 'yarn':
      return { inverseFrequency: yarnFrequencies(rope, base, headDim), scale: yarnScale(rope) };
    default:
      return rope satisfies never;
  }
}

/** Long wavelengths are divided by the factor, short ones kept, those between interpolated. */
function llama3Frequency(rope: RopeParameters & { type: 'llama3' }, frequency: number): number {
  const turns = (rope.originalMaxPositions * frequency) / (2 * Math.PI);
  if (turns < rope.lowFreqFactor) return frequency / rope.factor;
  if (turns > rope.highFreqFactor) return frequency;
  const smooth = (turns - rope.lowFreqFactor) / (rope.highFreqFactor - rope.lowFreqFactor);
  return ((1 - smooth) * frequency) / rope.factor + smooth * frequency;
}

/** NTK by parts (Peng et al., 2023): a ramp over the pair's index from extrapolation to interpolation. */
function yarnFrequencies(rope: RopeParameters & { type: 'yarn' }, base: readonly number[], headDim: number): number[] {
  const pairAt = (turns: number) =>
    (headDim * Math.log(rope.originalMaxPositions / (turns * 2 * Math.PI))) / (2 * Math.log(rope.theta));
  const first = pairAt(rope.betaFast);
  const last = pairAt(rope.betaSlow);
  const low = Math.max(rope.truncate ? Math.floor(first) : first, 0);
  const high = Math.min(rope.truncate ? Math.ceil(last) : last, headDim - 1);
  const width = high === low ? 0.001 : high - low;
  return base.map((frequency, f) => {
    const interpolated = Math.min(Math.max((f - low) / width, 0), 1);
    return interpolated * (frequency / rope.factor) + (1 - interpolated) * frequency;
  });
}

function yarnScale({ factor, attentionFactor, mscale, mscaleAllDim }: RopeParameters & { type: 'yarn' }): number {
  const scaleOf = (weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  if (attentionFactor !== null) return attentionFactor;
  return mscale !== null && mscaleAllDim !== null ? scaleOf(mscale) / scaleOf(mscaleAllDim) : scaleOf(1);
}
