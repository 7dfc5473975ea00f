import { describe, expect, it } from 'vitest';
import { gumbel, logF32, philox4x32, uniform } from '../../../dsl/lang/philox.ts';

const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox4x32', () => {
  it('gives the published blocks of Random123', () => {
    expect(hex(philox4x32([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    const ones = 0xffffffff;
    expect(hex(philox4x32([ones, ones, ones, ones], [ones, ones]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(hex(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });
});

describe('uniform', () => {
  it('uses the first word of the block (id, position) under the seed', () => {
    const [x0] = philox4x32([7, 3, 0, 0], [42, 0]);
    expect(uniform(42, 3, 7)).toBe(((x0 >>> 9) + 0.5) / 2 ** 23);
    expect(uniform(-1, 3, 7)).not.toBe(uniform(42, 3, 7));
    expect(uniform(42, 7, 3)).not.toBe(uniform(42, 3, 7));
  });

  it('is an f32 strictly inside (0, 1) with mean 1/2 and variance 1/12', () => {
    const draws = Array.from({ length: 20_000 }, (_, id) => uniform(5, 0, id));
    expect(draws.every((u) => u > 0 && u < 1 && Math.fround(u) === u)).toBe(true);
    const mean = draws.reduce((total, u) => total + u, 0) / draws.length;
    const variance = draws.reduce((total, u) => total + (u - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });
});

describe('logF32', () => {
  it('is within two units in the last place of the logarithm', () => {
    const extremes = [2 ** -24, 1 - 2 ** -24, 0.5 ** 0.5 - 1e-8, 0.5 ** 0.5 + 1e-7, 1, 16.6, 5.96e-8];
    const draws = Array.from({ length: 5000 }, (_, id) => uniform(9, 1, id));
    for (const x of [...extremes.map(Math.fround), ...draws, ...draws.map((u) => Math.fround(20 * u))]) {
      const exact = Math.log(x);
      const ulp = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(exact), 2 ** -30))) - 23);
      expect(Math.abs(logF32(x) - exact)).toBeLessThanOrEqual(2 * ulp);
    }
  });
});

describe('gumbel', () => {
  it('has the mean and variance of the standard Gumbel distribution', () => {
    const draws = Array.from({ length: 40_000 }, (_, id) => gumbel(11, 2, id));
    const mean = draws.reduce((total, g) => total + g, 0) / draws.length;
    const variance = draws.reduce((total, g) => total + (g - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0.5772, 1);
    expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(0.05);
    expect(draws.every((g) => Number.isFinite(g) && Math.fround(g) === g)).toBe(true);
  });
});
