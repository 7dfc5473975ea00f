import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBits, roundTo, toBits } from '../../../dsl/lang/rounding.ts';

describe('roundTo', () => {
  it('rounds to nearest, ties to even, once', () => {
    expect(roundTo('bf16', 1 + 2 ** -8)).toBe(1);
    expect(roundTo('bf16', 1 + 3 * 2 ** -8)).toBe(1 + 2 ** -6);
    // Through f32 this would become the tie above and round down.
    expect(roundTo('bf16', 1 + 2 ** -8 + 2 ** -40)).toBe(1 + 2 ** -7);
    expect(roundTo('f16', 1 + 2 ** -11)).toBe(1);
    expect(roundTo('f16', 65519.999)).toBe(65504);
    expect(roundTo('f16', 65520)).toBe(Number.POSITIVE_INFINITY);
    expect(roundTo('f16', 2 ** -25)).toBe(0);
    expect(roundTo('f16', -1.5 * 2 ** -25)).toBe(-(2 ** -24));
    expect(roundTo('bf16', 3.4e38)).toBe(Number.POSITIVE_INFINITY);
    expect(roundTo('f32', 0.1)).toBe(Math.fround(0.1));
  });

  it('keeps signs of zero, infinities and NaN', () => {
    expect(roundTo('bf16', -0)).toBe(-0);
    expect(roundTo('f16', Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
    expect(roundTo('bf16', Number.NaN)).toBeNaN();
  });

  it('takes integers only for i32', () => {
    expect(roundTo('i32', -7)).toBe(-7);
    expect(() => roundTo('i32', 0.5)).toThrow('0.5 is no i32');
  });

  it('rounds to bf16 as adding to the bits of an f32 does', () => {
    const throughBits = (x: number) => {
      const bits = new Uint32Array(new Float32Array([x]).buffer)[0] ?? 0;
      return new Float32Array(new Uint32Array([(bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000]).buffer)[0];
    };
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(roundTo('bf16', x)).toBe(throughBits(x));
      }),
    );
  });
});

describe('bits', () => {
  it('know the constants of both formats', () => {
    expect([toBits('bf16', 1), toBits('bf16', -2), toBits('f16', 1), toBits('f16', 65504)]).toEqual([
      0x3f80, 0xc000, 0x3c00, 0x7bff,
    ]);
    expect([fromBits('f16', 1), fromBits('f16', 0x7c00), fromBits('bf16', 0xff80)]).toEqual([
      2 ** -24,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it('survive a round trip, every one that is not a NaN', () => {
    for (const type of ['bf16', 'f16'] as const) {
      for (let bits = 0; bits < 0x10000; bits++) {
        const value = fromBits(type, bits);
        if (!Number.isNaN(value) && toBits(type, value) !== bits) expect.fail(`${type} ${bits.toString(16)}`);
      }
    }
    expect(fromBits('f16', toBits('f16', Number.NaN))).toBeNaN();
  });
});
