import { describe, expect, it } from 'vitest';
import { gumbel, uniform } from '../../../../dsl/lang/philox.ts';
import { extremes, runNative } from './native.ts';

const limits = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)];
const draws = [
  ...limits.flatMap((seed) => limits.map((id) => [seed, 7, id])),
  ...Array.from({ length: 400 }, (_, i) => [i % 13, i * 31, i * 127]),
];

describe.each(extremes)('counter-based noise on %s', (machine) => {
  it('is bit for bit what Node draws', async () => {
    const facts = await runNative('philox', machine, draws.flat().map(String));

    draws.forEach(([seed = 0, position = 0, id = 0], i) => {
      expect([facts[`u${i}`], facts[`g${i}`]], `(${seed}, ${position}, ${id})`).toEqual([
        uniform(seed, position, id),
        gumbel(seed, position, id),
      ]);
    });
    expect(facts.differing).toBe(0);
  });
});
