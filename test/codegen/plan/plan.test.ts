import { describe, expect, it } from 'vitest';
import { trace } from '../../../dsl/lang/trace.ts';
import { compiled } from '../lower/compiled.ts';
import { exponential, reverseRows } from '../lower/fixtures.ts';

describe('plan', () => {
  it('lets values whose lives do not overlap share a slot, and no others', async () => {
    const { plan } = await compiled(
      trace('chain', (graph) => {
        let x = graph.input('x', 'act', ['T', 64]);
        for (let i = 0; i < 5; i++) x = reverseRows({ x }).y;
        return { y: x };
      }),
      { fuse: false },
    );
    const arena = plan.entries.filter((entry) => entry.kind === 'arena');
    expect(arena.map((entry) => entry.slot)).toEqual([0, 1, 0, 1]);
    expect(plan.slots).toBe(2);
  });

  it('gives inputs and results memory of their own', async () => {
    const { plan } = await compiled(trace('one', (graph) => exponential({ x: graph.input('x', 'act', ['T', 64]) })));
    expect(plan.entries.map(({ kind, slot }) => [kind, slot])).toEqual([
      ['input', -1],
      ['result', -1],
    ]);
  });
});
