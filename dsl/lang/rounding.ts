/** Storage types: rounding an f64 once, to nearest and ties to even, and the bits of bf16 and f16. */

/** What act, weight and cache may be bound to. */
export type FloatType = 'bf16' | 'f16' | 'f32';

export type StorageType = FloatType | 'i32';

interface Format {
  readonly significandBits: number;
  readonly minExponent: number;
  readonly maxFinite: number;
  readonly exponentBias: number;
}

const formats = {
  bf16: { significandBits: 8, minExponent: -126, maxFinite: (2 - 2 ** -7) * 2 ** 127, exponentBias: 127 },
  f16: { significandBits: 11, minExponent: -14, maxFinite: 65504, exponentBias: 15 },
} as const satisfies Record<string, Format>;

/** x as it reads back from a tensor of the type. An i32 takes integers only; another number is a RangeError. */
export function roundTo(type: StorageType, x: number): number {
  switch (type) {
    case 'f32':
      return Math.fround(x);
    case 'bf16':
    case 'f16':
      return roundToFormat(formats[type], x);
    case 'i32':
      if (x !== (x | 0)) throw new RangeError(`${x} is no i32`);
      return x | 0;
    default:
      return type satisfies never;
  }
}

/** The 16 bits of x rounded to bf16 or f16; a NaN becomes the quiet NaN. */
export function toBits(type: 'bf16' | 'f16', x: number): number {
  const { significandBits, minExponent, exponentBias } = formats[type];
  const fractionBits = significandBits - 1;
  const infinity = ((1 << (16 - significandBits)) - 1) << fractionBits;
  if (Number.isNaN(x)) return infinity | (1 << (fractionBits - 1));
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const rounded = Math.abs(roundToFormat(formats[type], x));
  if (rounded === Number.POSITIVE_INFINITY) return sign | infinity;
  const exponent = rounded === 0 ? minExponent : Math.max(exponentOf(rounded), minExponent);
  const significand = rounded / 2 ** (exponent - fractionBits);
  const subnormal = significand < 1 << fractionBits;
  const biased = subnormal ? 0 : exponent + exponentBias;
  return sign | (biased << fractionBits) | (subnormal ? significand : significand - (1 << fractionBits));
}

/** The value of 16 bits of bf16 or f16. */
export function fromBits(type: 'bf16' | 'f16', bits: number): number {
  const { significandBits, minExponent, exponentBias } = formats[type];
  const fractionBits = significandBits - 1;
  const sign = bits & 0x8000 ? -1 : 1;
  const biased = (bits & 0x7fff) >> fractionBits;
  const fraction = bits & ((1 << fractionBits) - 1);
  if (biased === (1 << (16 - significandBits)) - 1)
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (biased === 0) return sign * fraction * 2 ** (minExponent - fractionBits);
  return sign * (fraction + (1 << fractionBits)) * 2 ** (biased - exponentBias - fractionBits);
}

function roundToFormat({ significandBits, minExponent, maxFinite }: Format, x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const quantum = 2 ** (Math.max(exponentOf(x), minExponent) - significandBits + 1);
  const rounded = roundHalfEven(x / quantum) * quantum;
  if (Math.abs(rounded) > maxFinite) return Math.sign(x) * Number.POSITIVE_INFINITY;
  return rounded === 0 ? 0 * Math.sign(x) : rounded;
}

/** To the nearest integer, ties to even; |x| is far below 2^51, where adding this constant leaves no fraction bits. */
function roundHalfEven(x: number): number {
  const shift = 1.5 * 2 ** 52;
  return x + shift - shift;
}

/** floor(log2(|x|)), exactly, though log2 itself may round across a power of two; x is finite and not 0. */
function exponentOf(x: number): number {
  const magnitude = Math.abs(x);
  const estimate = Math.floor(Math.log2(magnitude));
  if (2 ** estimate > magnitude) return estimate - 1;
  return 2 ** (estimate + 1) <= magnitude ? estimate + 1 : estimate;
}
