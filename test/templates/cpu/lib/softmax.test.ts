import { describe, expect, it } from 'vitest';
import { extremes, runNative } from './native.ts';

describe.each(extremes)('online_softmax_block on %s', (machine) => {
  it('gives the weights of the whole row block by block; masked places and blocks change nothing', async () => {
    const facts = await runNative('softmax', machine);

    expect(facts.error).toBeLessThan(1e-6);
    expect(facts).toMatchObject({ same_alone: 1, no_op: 1 });
  });
});
