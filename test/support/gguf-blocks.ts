/** Elements of quantized blocks by the index of the element, from the published layouts (ggml-common.h of ggml-org/ggml). */
import { fromBits } from '../../dsl/lang/rounding.ts';

interface BlockFormat {
  readonly elements: number;
  readonly bytes: number;
  /** Places of the f16 scales. */
  readonly scales: readonly number[];
  /** Element i, every operation rounded to f32. */
  readonly element: (block: DataView, i: number) => number;
}

const f = Math.fround;
const half = (block: DataView, at: number) => fromBits('f16', block.getUint16(at, true));
/** Half-byte i of `bytes` from `at` on, where byte k holds elements k and `count` + k. */
const split = (block: DataView, at: number, i: number, count: number) =>
  i < count ? block.getUint8(at + i) & 15 : block.getUint8(at + i - count) >> 4;

/** Bits [first, first + count) of 12 bytes as ggml packs 8 scales and 8 minimums of six bits: [place of the low bits, of the high]. */
function sixBits(block: DataView, kind: 'scale' | 'minimum', j: number): number {
  const bytes = Array.from({ length: 12 }, (_, at) => block.getUint8(4 + at));
  const first = kind === 'scale' ? 0 : 4;
  if (j < 4) return (bytes[first + j] ?? 0) % 64;
  const low = kind === 'scale' ? (bytes[4 + j] ?? 0) % 16 : Math.floor((bytes[4 + j] ?? 0) / 16);
  return low + 16 * Math.floor((bytes[first + j - 4] ?? 0) / 64);
}

export const blockFormats: Readonly<Record<string, BlockFormat>> = {
  Q8_0: {
    elements: 32,
    bytes: 34,
    scales: [0],
    element: (block, i) => f(block.getInt8(2 + i) * half(block, 0)),
  },
  Q4_0: {
    elements: 32,
    bytes: 18,
    scales: [0],
    element: (block, i) => f((split(block, 2, i, 16) - 8) * half(block, 0)),
  },
  Q4_1: {
    elements: 32,
    bytes: 20,
    scales: [0, 2],
    element: (block, i) => f(f(split(block, 4, i, 16) * half(block, 0)) + half(block, 2)),
  },
  Q4_K: {
    elements: 256,
    bytes: 144,
    scales: [0, 2],
    element: (block, i) => {
      const pair = Math.floor(i / 64);
      const j = Math.floor(i / 32);
      const q = split(block, 16 + pair * 32, i % 64, 32);
      const scale = f(half(block, 0) * sixBits(block, 'scale', j));
      return f(f(scale * q) - f(half(block, 2) * sixBits(block, 'minimum', j)));
    },
  },
  Q6_K: {
    elements: 256,
    bytes: 210,
    scales: [208],
    element: (block, i) => {
      const inHalf = i % 128;
      const low = split(block, Math.floor(i / 128) * 64, inHalf, 64);
      const upper = block.getUint8(128 + Math.floor(i / 128) * 32 + (i % 32)) >> (2 * Math.floor(inHalf / 32));
      const q = low + 16 * (upper % 4) - 32;
      return f(f(half(block, 208) * block.getInt8(192 + Math.floor(i / 16))) * q);
    },
  },
};

/** All elements of blocks that follow one another. */
export function decodeBlocks(type: string, bytes: Uint8Array): Float32Array {
  const format = blockFormats[type];
  if (!format) throw new Error(`no block format ${type}`);
  const values = new Float32Array((bytes.length / format.bytes) * format.elements);
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor(i / format.elements) * format.bytes;
    values[i] = format.element(new DataView(bytes.buffer, bytes.byteOffset + at, format.bytes), i % format.elements);
  }
  return values;
}
