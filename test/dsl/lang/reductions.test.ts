import { describe, expect, it } from 'vitest';
import { argmax, kthLargest, massThreshold, max, sum, topN } from '../../../dsl/lang/reductions.ts';

const over = (values: readonly number[]) => (i: number) => values[i] ?? Number.NaN;
const nan = Number.NaN;

describe('reductions', () => {
  it('sum nothing to 0 and find nothing larger than -Infinity', () => {
    expect(sum(0, () => 1)).toBe(0);
    expect(sum(3, (i) => i + 1)).toBe(6);
    expect(max(0, () => 1)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('ignore NaN unless all are NaN', () => {
    expect(max(3, over([nan, 2, 1]))).toBe(2);
    expect(max(2, over([nan, nan]))).toBeNaN();
    expect(argmax(3, over([nan, 1, 2]))).toBe(2);
    expect(argmax(2, over([nan, nan]))).toBe(0);
    expect(kthLargest(3, 2, over([nan, 5, 4]))).toBe(4);
  });

  it('order equal values by index', () => {
    expect(argmax(4, over([1, 3, 3, 2]))).toBe(1);
    const at = topN(4, 3, over([3, 5, 3, 5]));
    expect([at(0), at(1), at(2)]).toEqual([1, 3, 0]);
    expect(() => at(3)).toThrow('topN: place 3 of 3');
  });

  it('count the k-th largest from 1, clamped', () => {
    const values = over([4, 1, 3, 2]);
    expect([0, 1, 3, 9].map((k) => kthLargest(4, k, values))).toEqual([4, 4, 2, 1]);
  });

  it('find the largest value above which the share of the mass lies', () => {
    const values = over([Math.log(0.5), Math.log(0.3), Math.log(0.2)]);
    expect(massThreshold(3, 0.4, values)).toBe(Math.log(0.5));
    expect(massThreshold(3, 0.51, values)).toBe(Math.log(0.3));
    expect(massThreshold(3, 0.9, values)).toBe(Math.log(0.2));
    expect(massThreshold(3, 0.9, over([0, Number.POSITIVE_INFINITY, 1]))).toBe(Number.POSITIVE_INFINITY);
  });
});
