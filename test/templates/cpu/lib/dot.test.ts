import { describe, expect, it } from 'vitest';
import { machines, runNative } from './native.ts';

const pairs = ['bf16_bf16', 'f16_f16', 'f32_f32', 'f32_bf16', 'bf16_f32', 'f16_bf16'];

describe.each(machines)('dot_tile on %s', (machine) => {
  it('sums products in f32; an element’s bits do not depend on the tile around it', async () => {
    const facts = await runNative('dot', machine);

    for (const pair of pairs) {
      expect(facts[`${pair}_error`], pair).toBeLessThan(1e-6);
      expect(facts[`${pair}_differing`], pair).toBe(0);
    }
  });
});
