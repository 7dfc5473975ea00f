/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * A draw depends on (seed, position, id) alone, never on where a sequence stands in the batch. Every floating-point operation
 * below is rounded to f32 on its own, in the order written and without contraction, so that C++ built with
 * -ffp-contract=off draws bitwise the same numbers. A port mirrors this file operation by operation:
 *
 *   block    counter = (id, position, 0, 0), key = (seed, 0), all read as u32; ten rounds
 *            (c0, c1, c2, c3) <- (hi(M1 * c2) ^ c1 ^ k0, lo(M1 * c2), hi(M0 * c0) ^ c3 ^ k1, lo(M0 * c0)),
 *            and between rounds k0 += W0, k1 += W1 (mod 2^32). The first word of the block, x0, is used.
 *   uniform  u = (f32(x0 >>> 9) + 0.5) * 2^-23: each step is exact, and 0 < u < 1.
 *   log      see `logF32`.
 *   gumbel   -logF32(-logF32(u)).
 */

/** Multipliers of the two lanes and the Weyl increments of the two key words, from the paper. */
const philoxConstants = {
  multiplier0: 0xd2511f53,
  multiplier1: 0xcd9e8d57,
  weyl0: 0x9e3779b9,
  weyl1: 0xbb67ae85,
  rounds: 10,
} as const;

/**
 * Constants of `logF32`, each rounded to f32 before use: the polynomial of cephes `logf`, highest power first, and ln 2
 * split in two so that `exponent * ln2High` is exact.
 */
const logConstants = {
  sqrtHalf: Math.SQRT1_2, // 0.70710677 as f32
  polynomial: [
    7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
  ],
  ln2Low: -2.1219444e-4,
  ln2High: 0.693359375,
} as const;

type Words4 = readonly [number, number, number, number];

/** The block of four u32 words for a counter and a key, all words in [0, 2^32). */
export function philox4x32(counter: Words4, key: readonly [number, number]): Words4 {
  const { multiplier0, multiplier1, weyl0, weyl1, rounds } = philoxConstants;
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    const [high0, low0] = multiplyU32(multiplier0, c0);
    const [high1, low1] = multiplyU32(multiplier1, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** A uniform draw in (0, 1) for (seed, position, id), i32 each; one of 2^23 equally spaced f32 values. */
export function uniform(seed: number, position: number, id: number): number {
  const [x0] = philox4x32([id >>> 0, position >>> 0, 0, 0], [seed >>> 0, 0]);
  return ((x0 >>> 9) + 0.5) * 2 ** -23;
}

/** A draw from the standard Gumbel distribution for (seed, position, id), i32 each; an f32 value. */
export function gumbel(seed: number, position: number, id: number): number {
  return -logF32(-logF32(uniform(seed, position, id)));
}

/**
 * The natural logarithm of a positive, finite, normal f32, in f32 operations (within 1 ulp or so; after cephes logf.c).
 *
 *   bits = the i32 of x;  e = (bits >> 23) - 126;  m = the f32 of (bits & 0x007fffff) | 0x3f000000     (m in [0.5, 1))
 *   if m < sqrtHalf:  e = e - 1, m = (m + m) - 1   else  m = m - 1
 *   z = m * m
 *   y = p[0];  y = (y * m) + p[i] for i = 1 … 8
 *   y = (y * m) * z
 *   y = y + (f32(e) * ln2Low)
 *   y = y - (0.5 * z)
 *   result = (m + y) + (f32(e) * ln2High)
 */
export function logF32(x: number): number {
  const round = Math.fround;
  const bits = bitsOfF32(x);
  let exponent = (bits >> 23) - 126;
  let m = f32OfBits((bits & 0x007fffff) | 0x3f000000);
  if (m < round(logConstants.sqrtHalf)) {
    exponent -= 1;
    m = round(m + m - 1); // m + m is exact, so the only rounding is that of the difference (exact as well)
  } else {
    m = round(m - 1);
  }
  const z = round(m * m);
  const [first, ...rest] = logConstants.polynomial;
  let y: number = round(first);
  for (const coefficient of rest) y = round(round(y * m) + round(coefficient));
  y = round(round(y * m) * z);
  y = round(y + round(exponent * round(logConstants.ln2Low)));
  y = round(y - round(0.5 * z));
  return round(round(m + y) + round(exponent * logConstants.ln2High));
}

/** High and low words of the 64-bit product of two u32; through 16-bit halves, since a double holds 53 bits. */
function multiplyU32(a: number, b: number): readonly [high: number, low: number] {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carried = aLow * bHigh + (middle & 0xffff);
  const high = aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carried / 0x10000);
  return [high >>> 0, Math.imul(a, b) >>> 0];
}

function bitsOfF32(x: number): number {
  view.setFloat32(0, x);
  return view.getInt32(0);
}

function f32OfBits(bits: number): number {
  view.setInt32(0, bits);
  return view.getFloat32(0);
}

/** One for all: a draw takes less time than an allocated view. */
const view = new DataView(new ArrayBuffer(4));
