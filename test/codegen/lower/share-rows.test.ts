import { describe, expect, it } from 'vitest';
import { trace } from '../../../dsl/lang/trace.ts';
import { compiled } from './compiled.ts';
import { clampedOrCopied, limit, rolled } from './fixtures.ts';

const rowsOf = async (graph: Parameters<typeof compiled>[0]): Promise<readonly string[]> =>
  [...((await compiled(graph)).files.get('nest.cpp') ?? '').matchAll(/float\* const (.*);/g)].map(
    ([, row]) => `${row}`,
  );

describe('shareRows', () => {
  it('computes a row over the one that only its own elements are read from', async () => {
    const rows = await rowsOf(
      trace('chain', (graph) => {
        const on = graph.input('on', 'i32', ['T']);
        const { y: clamped } = clampedOrCopied({ x: graph.input('x', 'f32', ['T', 8]), on });
        const { y: limited } = limit({ x: clamped, on });
        return limit({ x: limited, on });
      }),
    );
    expect(rows).toEqual(['clamped_or_copied_y = worker.scratch<float>(8)', 'limit_y = clamped_or_copied_y']);
  });

  it('keeps a row beside one whose elements read its others', async () => {
    const rows = await rowsOf(
      trace('rolled', (graph) => {
        const on = graph.input('on', 'i32', ['T']);
        const { y: clamped } = clampedOrCopied({ x: graph.input('x', 'f32', ['T', 8]), on });
        const { y: limited } = limit({ x: clamped, on });
        return limit({ x: rolled({ x: limited }).y, on });
      }),
    );
    expect(rows).toEqual([
      'clamped_or_copied_y = worker.scratch<float>(8)',
      'rolled_y = worker.scratch<float>(8)',
      'limit_y = clamped_or_copied_y',
    ]);
  });
});
