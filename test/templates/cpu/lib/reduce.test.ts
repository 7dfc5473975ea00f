import { describe, expect, it } from 'vitest';
import { extremes, runNative } from './native.ts';

describe.each(extremes)('a sum under omp simd on %s', (machine) => {
  it('has the same bits at any address and on any thread', async () => {
    expect(await runNative('reduce', machine)).toEqual({ bf16: 0, f16: 0, f32: 0 });
  });
});
