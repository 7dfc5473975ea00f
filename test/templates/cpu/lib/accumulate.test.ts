import { describe, expect, it } from 'vitest';
import { machines, runNative } from './native.ts';

describe.each(machines)('accumulate_rows on %s', (machine) => {
  it('adds one fused term after the other, whatever the number of rows and columns', async () => {
    expect(await runNative('accumulate', machine)).toEqual({ bf16: 0, f16: 0, f32: 0, scaled: 1 });
  });
});
