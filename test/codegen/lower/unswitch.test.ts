import { describe, expect, it } from 'vitest';
import { trace } from '../../../dsl/lang/trace.ts';
import { compiled } from './compiled.ts';
import { clampedOrCopied, elementwise, limit } from './fixtures.ts';

async function textOf(graph: Parameters<typeof compiled>[0]): Promise<string> {
  return (await compiled(graph)).files.get('nest.cpp') ?? '';
}

describe('unswitch', () => {
  it('takes a setting of the row out of the loop, with what either side alone needs', async () => {
    const text = await textOf(
      trace('setting', (graph) =>
        clampedOrCopied({ x: graph.input('x', 'f32', ['T', 8]), on: graph.input('on', 'i32', ['T']) }),
      ),
    );
    expect(text.slice(text.indexOf('      if'), text.lastIndexOf('    }\n  }\n}\n\n}'))).toMatchInlineSnapshot(`
      "      if (on[t] > 0) {
              #pragma omp simd
              for (int h = 0; h < 8; ++h) {
                y[t * 8L + h] = ws_minimum(ws_exp(x[t * 8L + h]), 2.0f);
              }
            } else {
              #pragma omp simd
              for (int h = 0; h < 8; ++h) {
                y[t * 8L + h] = x[t * 8L + h];
              }
            }
      "
    `);
  });

  it('leaves a ternary whose sides are both known before the loop, and one that asks for the element', async () => {
    const inputs = (graph: Parameters<Parameters<typeof trace>[1]>[0]) => ({
      x: graph.input('x', 'f32', ['T', 8]),
      on: graph.input('on', 'i32', ['T']),
    });
    const text = await textOf(trace('limit', (graph) => limit(inputs(graph))));
    expect(text).toContain('} else {');
    expect(text.match(/\?/g)).toBeNull();
    const other = await textOf(trace('element', (graph) => elementwise(inputs(graph))));
    expect(other).not.toContain('else');
  });
});
