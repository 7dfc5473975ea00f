/** Why a model computes NaN: a weight that is no number, or a value in between that its type could not hold. */
import { type FileHandle, open } from 'node:fs/promises';
import type { CheckpointWeights } from './checkpoint-weights.ts';
import type { Problem } from './errors.ts';
import { type TensorLocation, weightTypes } from './weight-types.ts';

/** Looks through all weights, 1.5 s a gigabyte: for when it has happened. `elements` is the type of activations. */
export async function whyNotFinite(weights: CheckpointWeights, elements: string): Promise<Problem> {
  const found = await firstNotFinite(weights);
  if (found !== null) {
    return {
      code: 'weights-invalid',
      message: `The model computes NaN: its tensor ${found.tensor} holds NaN or infinity at element ${found.element}.`,
      mend: 'Fetch the weights again, or from another place: they were damaged, or came so from their training or conversion.',
    };
  }
  const mend =
    elements === 'f16'
      ? 'Build the engine with --elements bf16 or f32, which hold larger ones.'
      : 'Check that config.json belongs to these weights, and that a model function of your own divides by nothing that may be 0.';
  return {
    code: 'engine-failed',
    message: `The model computes NaN for this prompt, though its weights are numbers: a value in between was too large for ${elements}, or undefined.`,
    mend,
  };
}

interface NotFinite {
  readonly tensor: string;
  readonly element: number;
}

/** In the order of the checkpoint; null where there is none, or a file cannot be read any more. */
export async function firstNotFinite({ tensors }: CheckpointWeights): Promise<NotFinite | null> {
  const files = new Map<string, FileHandle>();
  try {
    for (const [tensor, location] of tensors) {
      const file = files.get(location.file) ?? (await open(location.file));
      files.set(location.file, file);
      const element = await notFiniteElement(file, location);
      if (element !== null) return { tensor, element };
    }
  } catch {
    return null;
  } finally {
    for (const file of files.values()) await file.close();
  }
  return null;
}

const chunkBytes = 2 ** 22;

/** The sign aside, bits of a 16-bit float (the upper half of one of 32) that are all set in NaN and infinity. */
const exponents = { bf16: 0x7f80, f16: 0x7c00 } as const;

/** Floating-point numbers of a block: its elements, or what they are scaled by. Offsets are in 16-bit words (ggml-common.h). */
const floatsOfBlock: Readonly<Record<string, { readonly words: readonly number[]; readonly mask: number }>> = {
  BF16: { words: [0], mask: exponents.bf16 },
  F16: { words: [0], mask: exponents.f16 },
  F32: { words: [1], mask: exponents.bf16 },
  Q8_0: { words: [0], mask: exponents.f16 },
  Q4_0: { words: [0], mask: exponents.f16 },
  Q4_1: { words: [0, 1], mask: exponents.f16 },
  Q4_K: { words: [0, 1], mask: exponents.f16 },
  Q6_K: { words: [104], mask: exponents.f16 },
};

async function notFiniteElement(file: FileHandle, location: TensorLocation): Promise<number | null> {
  const { dtype, byteOffset, byteLength } = location;
  const type = weightTypes[dtype];
  const floats = floatsOfBlock[dtype];
  if (!type || !floats) return null;
  const buffer = new Uint16Array(Math.min(byteLength, chunkBytes - (chunkBytes % type.blockBytes)) / 2);
  for (let done = 0; done < byteLength; done += buffer.byteLength) {
    const bytes = Math.min(buffer.byteLength, byteLength - done);
    const { bytesRead } = await file.read(buffer, 0, bytes, byteOffset + done);
    if (bytesRead < bytes) return null;
    for (const word of floats.words) {
      const place = firstAllSet(buffer.subarray(0, bytes / 2), word, type.blockBytes / 2, floats.mask);
      if (place !== null) return ((done / 2 + place - word) / (type.blockBytes / 2)) * type.blockElements;
    }
  }
  return null;
}

function firstAllSet(words: Uint16Array, first: number, stride: number, mask: number): number | null {
  for (let place = first; place < words.length; place += stride) if ((words[place]! & mask) === mask) return place;
  return null;
}
