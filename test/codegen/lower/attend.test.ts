import { describe, expect, it } from 'vitest';
import { compile, DEFAULT_ELEMENTS } from '../../../codegen/compile.ts';
import { OPERATOR_LIBRARY } from '../../../codegen/emit.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import { trace } from '../../../dsl/lang/trace.ts';
import { denseAttention, pagedAttention } from '../../../dsl/ops/index.ts';
import { compiled } from './compiled.ts';
import { additiveScore, sharedKeys } from './fixtures.ts';

describe('lowerAttend', () => {
  it('shares keys among the tokens of a sequence and the heads of a group', async () => {
    const { ir: operators } = await readProgramOperators([OPERATOR_LIBRARY]);
    const graphs = [
      trace('paged', (graph) =>
        pagedAttention(
          { q: graph.input('q', 'act', ['T', 6, 16]), kv: graph.paged('kv', { k: [2, 16], v: [2, 16] }) },
          { scale: 0.25 },
        ),
      ),
      trace('dense', (graph) =>
        denseAttention(
          {
            q: graph.input('q', 'act', ['T', 6, 16]),
            k: graph.input('k', 'act', ['T', 2, 16]),
            v: graph.input('v', 'act', ['T', 2, 16]),
          },
          { scale: 0.25 },
        ),
      ),
    ];
    const { ir } = compile(graphs, operators, { elements: DEFAULT_ELEMENTS });
    for (const unit of ir.units) {
      expect(unit.lowered.kernels[0]).toMatchObject({
        kind: 'attend',
        sharing: { tokens: 'sequence', heads: 3, lowIsShared: true },
      });
    }
  });

  it('shares keys that know neither token nor head among all of them', async () => {
    const { lowered } = await compiled(
      trace('shared', (graph) =>
        sharedKeys({
          q: graph.input('q', 'act', ['T', 6, 16]),
          k: graph.input('k', 'cache', ['S', 16]),
          v: graph.input('v', 'cache', ['S', 16]),
        }),
      ),
    );
    expect(lowered.kernels[0]).toMatchObject({ sharing: { tokens: 'all', heads: 0 } });
  });

  it('refuses a score that is no product of rows, with its line', async () => {
    const { diagnostics } = await compiled(
      trace('additive', (graph) =>
        additiveScore({
          q: graph.input('q', 'act', ['T', 16]),
          k: graph.input('k', 'act', ['S', 16]),
          v: graph.input('v', 'act', ['S', 16]),
        }),
      ),
    );
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: 'reduction-not-lowered', span: { line: expect.any(Number) } });
  });
});
