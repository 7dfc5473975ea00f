import { describe, expect, it } from 'vitest';
import { extremes, runNative } from './native.ts';

describe.each(extremes)('element types on %s', (machine) => {
  it('load exactly and round once, to nearest and ties to even', async () => {
    const facts = await runNative('types', machine);

    expect(facts).toMatchObject({ bf16_lost: 0, f16_lost: 0, bf16_wrong: 0, f16_wrong: 0 });
    expect(facts).toMatchObject({ f16_one: 1, f16_least: 2 ** -24, f16_largest: 65504 });
    expect(facts).toMatchObject({ f16_65519: 0x7bff, f16_65520: 0x7c00, bf16_pi: 3.140625 });
    expect(facts.i32, 'an index does not pass through a float').toBe(16777217);
  });
});
