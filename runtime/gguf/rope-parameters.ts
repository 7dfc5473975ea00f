/** The rotary embedding that a GGUF file's metadata and its tensor of frequency factors mean, as config.json has it. */
import type { JsonObject } from '../json-file.ts';
import type { TensorLocation } from '../weight-types.ts';
import type { GgufArchitecture } from './architectures.ts';
import { withFile } from './byte-source.ts';
import { ggufProblem } from './errors.ts';
import { type MetadataReader, shortest } from './metadata-reader.ts';

interface RopeSizes {
  readonly headDim: number;
  readonly maxPositions: number;
}

/** Mistakes go to the reader. `factors` is `rope_freqs.weight`: what each pair's frequency is divided by. */
export function ropeParameters(
  reader: MetadataReader,
  { name, interleavedHeads }: GgufArchitecture,
  sizes: RopeSizes,
  factors: TensorLocation | undefined,
): JsonObject {
  const key = (own: string) => `${name}.rope.${own}`;
  const theta = reader.number(key('freq_base'), 10000);
  // Files of 2023 have the linear factor alone.
  const oldFactor = reader.has(key('scaling.type')) ? null : reader.numberOrNull(key('scale_linear'));
  const type = oldFactor === null ? (reader.textOrNull(key('scaling.type')) ?? 'none') : 'linear';
  const factor = oldFactor ?? reader.number(key('scaling.factor'), 1);
  // llama.cpp applies them to the models whose converter may write them.
  const divisors = factors !== undefined && interleavedHeads ? frequencyFactors(reader, factors, sizes.headDim) : null;
  switch (type) {
    case 'none':
    case 'linear': {
      const scale = type === 'none' ? 1 : factor;
      if (divisors !== null) {
        return { rope_type: 'factors', rope_theta: theta, factors: divisors.map((divisor) => divisor * scale) };
      }
      return scale === 1
        ? { rope_type: 'default', rope_theta: theta }
        : { rope_type: 'linear', rope_theta: theta, factor: scale };
    }
    case 'yarn':
      if (divisors !== null)
        reader.refuse(key('scaling.type'), 'none or linear, since the file has a tensor rope_freqs.weight,');
      return { rope_type: 'yarn', rope_theta: theta, ...yarn(reader, key, factor, sizes) };
    default:
      reader.refuse(key('scaling.type'), 'none, linear or yarn');
      return {};
  }
}

/** llama.cpp multiplies the attention factor of the paper by one of its own. */
function yarn(
  reader: MetadataReader,
  key: (own: string) => string,
  factor: number,
  { maxPositions }: RopeSizes,
): JsonObject {
  const attentionFactor =
    reader.number(key('scaling.attn_factor'), 1) * reader.number(key('scaling.yarn_attn_factor'), 1);
  for (const [own, value] of [
    ['yarn_ext_factor', 1],
    ['yarn_log_multiplier', 0],
  ] as const) {
    const found = reader.numberOrNull(key(`scaling.${own}`), -1) ?? value;
    // Below 0 llama.cpp takes its default.
    if (found !== value && !(found < 0 && own === 'yarn_ext_factor'))
      reader.refuse(key(`scaling.${own}`), `${value} or nothing`);
  }
  return {
    factor,
    original_max_position_embeddings: reader.count(key('scaling.original_context_length'), maxPositions),
    beta_fast: reader.number(key('scaling.yarn_beta_fast'), 32),
    beta_slow: reader.number(key('scaling.yarn_beta_slow'), 1),
    ...(attentionFactor === 1 ? {} : { attention_factor: attentionFactor * (0.1 * Math.log(Math.max(factor, 1)) + 1) }),
  };
}

/** F32 [headDim / 2], positive. Llama 3.1's are 1 for high frequencies and 8 for low ones. */
function frequencyFactors(reader: MetadataReader, tensor: TensorLocation, headDim: number): readonly number[] {
  const wrong = (what: string) => {
    const mend = 'Convert the model again with a current llama.cpp.';
    reader.problems.push(ggufProblem(reader.file, `has a tensor "rope_freqs.weight" ${what}`, mend));
    return [];
  };
  const { dtype, shape, byteLength } = tensor;
  if (dtype !== 'F32' || shape.join() !== String(headDim / 2)) {
    return wrong(`of type ${dtype} and shape [${shape.join(', ')}], where F32 and [${headDim / 2}] belong`);
  }
  const bytes = Buffer.alloc(byteLength);
  withFile(tensor.file, (source) => source.read(bytes, tensor.byteOffset));
  const factors = Array.from({ length: headDim / 2 }, (_, pair) => shortest(bytes.readFloatLE(pair * 4)));
  if (factors.every((factor) => factor > 0 && Number.isFinite(factor))) return factors;
  return wrong('with a value that is not positive and finite');
}
