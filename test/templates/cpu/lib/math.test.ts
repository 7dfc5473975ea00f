import { describe, expect, it } from 'vitest';
import { machines, runNative } from './native.ts';

describe.each(machines)('elementwise functions on %s', (machine) => {
  it('keep to their bounds, at limits and NaN too, in vector code as in scalar', async () => {
    const facts = await runNative('math', machine);

    for (const name of ['exp_ulp', 'exp_small_ulp', 'log_ulp', 'log_near_one_ulp', 'log_large_ulp', 'log_tiny_ulp']) {
      expect(facts[name], name).toBeLessThan(2);
    }
    for (const name of ['tanh_ulp', 'tanh_small_ulp', 'sqrt_ulp', 'rsqrt_ulp', 'exp_gradual_ulp']) {
      expect(facts[name], name).toBeLessThan(2.5);
    }
    for (const name of ['sin_error', 'cos_error', 'sin_small_error']) expect(facts[name], name).toBeLessThan(2e-7);
    expect(facts).toMatchObject({ floor_error: 0, differing: 0, limits: 1, nan_ignored: 1, wrong_divisions: 0 });
  });
});
