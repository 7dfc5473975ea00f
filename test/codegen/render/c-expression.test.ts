import { describe, expect, it } from 'vitest';
import { trace } from '../../../dsl/lang/trace.ts';
import { compiled } from '../lower/compiled.ts';
import { secondOfPairs } from '../lower/fixtures.ts';

describe('expressions as C', () => {
  it('keep a remainder and a quotient together that an index is multiplied by', async () => {
    const graph = trace('pairs', (builder) => secondOfPairs({ x: builder.input('x', 'f32', ['T', 8]) }));
    const text = (await compiled(graph)).files.get('nest.cpp') ?? '';
    expect(text).toContain('2 * (h % 4) + 1');
    expect(text).toContain('2 * (h / 2)');
  });
});
