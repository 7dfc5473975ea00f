/** Storage types: rounding an f64 once, to nearest and ties to even, and the bits of bf16 and f16. */

/** What act, weight and cache may be bound to. */
export type FloatType = 'bf16' | 'f16' | 'f32';

/** What a tensor is stored as: 16, 16, 32 or 32 bits an element. */
export type StorageType = FloatType | 'i32';

/** Powers of two are kept as numbers: V8 takes longer to raise 2 than for all else that rounding does. */
interface Format {
  readonly fractionBits: number;
  /** 2^fractionBits. */
  readonly fractions: number;
  readonly minNormal: number;
  readonly maxFinite: number;
  readonly exponentBias: number;
}

const formats = {
  bf16: {
    fractionBits: 7,
    fractions: 2 ** 7,
    minNormal: 2 ** -126,
    maxFinite: (2 - 2 ** -7) * 2 ** 127,
    exponentBias: 127,
  },
  f16: { fractionBits: 10, fractions: 2 ** 10, minNormal: 2 ** -14, maxFinite: 65504, exponentBias: 15 },
} as const satisfies Record<string, Format>;

/**
 * x as it reads back from a tensor of the type: the nearest number that it has, ties to even (IEEE 754); beyond its largest, an infinity.
 *
 * @throws RangeError for a number that is no i32, where the type is i32.
 */
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

/** The 16 bits of x rounded to bf16 or f16 (IEEE 754 binary16), in [0, 65535]; a NaN becomes the quiet NaN. */
export function toBits(type: 'bf16' | 'f16', x: number): number {
  const { fractionBits, fractions, minNormal, exponentBias } = formats[type];
  const infinity = (2 * exponentBias + 1) << fractionBits;
  if (Number.isNaN(x)) return infinity | (1 << (fractionBits - 1));
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const rounded = Math.abs(roundToFormat(formats[type], x));
  if (rounded === Number.POSITIVE_INFINITY) return sign | infinity;
  if (rounded < minNormal) return sign | ((rounded / minNormal) * fractions);
  const power = powerBelow(rounded);
  const biased = Math.log2(power) + exponentBias;
  return sign | (biased << fractionBits) | ((rounded / power - 1) * fractions);
}

/** The value of 16 bits, in [0, 65535], of bf16 or f16. */
export function fromBits(type: 'bf16' | 'f16', bits: number): number {
  const { fractionBits, fractions, minNormal, exponentBias } = formats[type];
  const sign = bits & 0x8000 ? -1 : 1;
  const biased = (bits & 0x7fff) >> fractionBits;
  const fraction = (bits & (fractions - 1)) / fractions;
  if (biased === 2 * exponentBias + 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (biased === 0) return sign * fraction * minNormal;
  return sign * (1 + fraction) * powerOfTwo(biased - exponentBias);
}

function roundToFormat({ fractions, minNormal, maxFinite }: Format, x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const quantum = Math.max(powerBelow(x), minNormal) / fractions;
  const rounded = roundHalfEven(x / quantum) * quantum;
  if (Math.abs(rounded) > maxFinite) return Math.sign(x) * Number.POSITIVE_INFINITY;
  return rounded === 0 ? 0 * Math.sign(x) : rounded;
}

/** To the nearest integer, ties to even; |x| is far below 2^51, where adding this constant leaves no fraction bits. */
function roundHalfEven(x: number): number {
  return x + shift - shift;
}

const shift = 1.5 * 2 ** 52;

/**
 * The largest power of two that |x| reaches, x finite and not 0: its bits without fraction and sign (log2 may round across a
 * power). It is 0 below the normal numbers of f64, which lie below those of every format.
 */
function powerBelow(x: number): number {
  view.setFloat64(0, x);
  view.setInt32(0, view.getInt32(0) & 0x7ff00000);
  view.setInt32(4, 0);
  return view.getFloat64(0);
}

/** 2^exponent, a normal number of f64. */
function powerOfTwo(exponent: number): number {
  view.setInt32(0, (exponent + 1023) << 20);
  view.setInt32(4, 0);
  return view.getFloat64(0);
}

/** One for all: an element is rounded in less time than a view is allocated. */
const view = new DataView(new ArrayBuffer(8));
