import { describe, expect, it } from 'vitest';
import { extremes, runNative } from './native.ts';

describe.each(extremes)('selection on %s', (machine) => {
  it('agrees with a sorted row, over ties, masked places and NaN', async () => {
    expect(await runNative('select', machine)).toEqual({
      wrong_kth: 0,
      wrong_mass: 0,
      wrong_top: 0,
      wrong_argmax: 0,
      without_numbers: 1,
      all_masked: 1,
    });
  });
});
