import { describe, expect, it } from 'vitest';
import { trace } from '../../../dsl/lang/trace.ts';
import { compiled } from './compiled.ts';
import { limit, normalize, secondOf, secondOfDoubled, secondOfEach, swapHalves } from './fixtures.ts';

/** The statements of the only nest kernel, without its signature. */
async function bodyOf(graph: Parameters<typeof compiled>[0]): Promise<string> {
  const text = (await compiled(graph)).files.get('nest.cpp') ?? '';
  return text.slice(text.indexOf('  int row_begin'), text.lastIndexOf('}\n\n}'));
}

describe('scheduleNest', () => {
  it('computes a row reduction once, before the loop that uses it', async () => {
    const body = await bodyOf(trace('norm', (graph) => normalize({ x: graph.input('x', 'act', ['T', 8]) })));
    expect(body).toMatchInlineSnapshot(`
      "  int row_begin, row_end;
        while (worker.take_rows(T, row_begin, row_end)) {
          for (int t = row_begin; t < row_end; ++t) {
            // normalize.y
            const float sum = sum_of(8, [&](int i) WS_INLINE {
              return to_f32(x[t * 8L + i]);
            });
            #pragma omp simd
            for (int h = 0; h < 8; ++h) {
              y[t * 8L + h] = from_f32<bf16>(to_f32(x[t * 8L + h]) / sum);
            }
          }
        }
      "
    `);
  });

  it('splits a loop where a ternary asks for a place on it', async () => {
    const body = await bodyOf(trace('swap', (graph) => swapHalves({ x: graph.input('x', 'act', ['T', 8]) })));
    expect(body).toContain('for (int d = 0; d < 4; ++d)');
    expect(body).toContain('for (int d = 4; d < 8; ++d)');
    expect(body).not.toContain('?');
  });

  it('computes a guarded reduction under its guard only', async () => {
    const body = await bodyOf(
      trace('limit', (graph) => limit({ x: graph.input('x', 'f32', ['T', 8]), on: graph.input('on', 'i32', ['T']) })),
    );
    expect(body).toMatch(/if \(on\[t\] > 0\) \{\s+#pragma omp simd reduction\(max:largest\)/);
  });

  it('takes the memory of a selection once a row, however often the row selects', async () => {
    const body = await bodyOf(
      trace('each', (graph) => secondOfEach({ x: graph.input('x', 'f32', ['T', 8]) }, {}, { dims: { N: 5 } })),
    );
    expect(body.indexOf('worker.scratch')).toBeLessThan(body.indexOf('for (int n'));
    expect(body.indexOf('kth_largest')).toBeGreaterThan(body.indexOf('for (int n'));
  });

  it('refuses a selection that needs a buffer of as many values as a step has, with its line', async () => {
    const second = (operator: typeof secondOf) =>
      compiled(
        trace('second', (graph) => operator({ x: graph.input('x', 'f32', ['T']), s: graph.input('s', 'f32', ['S']) })),
      );
    expect((await second(secondOf)).diagnostics).toEqual([]);
    const { diagnostics } = await second(secondOfDoubled);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: 'selection-without-size', span: { line: expect.any(Number) } });
  });
});
