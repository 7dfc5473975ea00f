/** Which kernels an attend becomes on CUDA: it follows from the form of its expressions and the types of its operands alone. */
import { describe, expect, it } from 'vitest';
import type { CompiledUnit } from '../../../../codegen/compile.ts';
import { compile } from '../../../../codegen/compile.ts';
import { readProgramOperators } from '../../../../codegen/read/program-operators.ts';
import { renderCudaKernel } from '../../../../codegen/render/cuda/kernel.ts';
import type { FloatType } from '../../../../dsl/lang/rounding.ts';
import { type GraphBuilder, trace } from '../../../../dsl/lang/trace.ts';
import { denseAttention, pagedAttention } from '../../../../dsl/ops/index.ts';
import { libraryModule } from '../../../../verify/build-cases.ts';
import { elementsOf } from '../../../../verify/operator-library.ts';
import { sharedKeys } from '../../lower/fixtures.ts';

const fixtures = new URL('../../lower/fixtures.ts', import.meta.url).pathname;
const { ir: operators } = await readProgramOperators([libraryModule, fixtures]);

function paged(heads: number, kvHeads: number, depth: number, width = depth) {
  return (graph: GraphBuilder) =>
    pagedAttention(
      {
        q: graph.input('q', 'act', ['T', heads, depth]),
        kv: graph.paged('kv', { k: [kvHeads, depth], v: [kvHeads, width] }),
      },
      { scale: 0.25 },
    );
}

function kernelsOf(build: (graph: GraphBuilder) => Record<string, unknown>, element: FloatType = 'bf16') {
  const graph = trace('attends', (builder) => build(builder) as ReturnType<typeof pagedAttention>);
  const { ir, diagnostics } = compile([graph], operators, { elements: elementsOf(element), target: 'cuda' });
  expect(diagnostics).toEqual([]);
  const [unit] = ir.units as readonly CompiledUnit[];
  const kernel = unit?.lowered.kernels.find(({ kind }) => kind === 'attend');
  if (!unit || !kernel) throw new Error('the graph has an attend');
  return renderCudaKernel(kernel, unit.program, { blockSize: 64, checked: false });
}

const suffixes = (kernels: ReturnType<typeof kernelsOf>) =>
  kernels.map(({ name }) => name.replace(/^[a-z]+_[a-z]+/, ''));

describe('renderCudaAttend', () => {
  it('cuts keys into parts where there are few blocks, and joins them', () => {
    const kernels = kernelsOf(paged(16, 8, 128));
    expect(suffixes(kernels)).toEqual(['_lone', '_lone_join', '', '_join', '_large']);
    const [lone, loneJoin, several, join, large] = kernels.map(({ launch }) => launch);
    expect(lone?.grid).toBe('batch.lone_token_count * 8 * batch.key_parts(batch.lone_token_count * 8, 3)');
    expect(lone?.workspaceBytes).toBe(loneJoin?.workspaceBytes);
    expect(several?.grid).toMatch(/^\(batch\.piece_count\(64\) \* 8 >= 512 \? 0 : batch\.piece_count\(32\) \* 8 \* /);
    expect(several?.workspaceBytes).toBe(join?.workspaceBytes);
    expect(large?.grid).toBe('(batch.piece_count(64) * 8 >= 512 ? batch.piece_count(64) * 8 : 0)');
    expect(large?.workspaceBytes).toBeUndefined();
  });

  it('stays within the shared memory that every GPU of sm_80 form has', () => {
    for (const depth of [8, 16, 40, 64, 80, 96, 128, 192, 256])
      for (const { launch, name } of kernelsOf(paged(8, 2, depth)))
        expect(launch.sharedBytes, `${name}, ${depth} wide`).toBeLessThanOrEqual(101376);
  });

  it('takes the general tile where operands are no aligned 16-bit rows, or too wide for registers', () => {
    expect(suffixes(kernelsOf(paged(4, 2, 64), 'f32'))).toEqual(['']);
    expect(kernelsOf(paged(4, 2, 7))[0]?.text).toContain('WIDTH = 7;\n  using Tile = AttendTile<WIDTH>');
    expect(kernelsOf(paged(4, 2, 512))[0]?.text).toContain('WIDTH = 512;\n  using Tile = AttendTile<WIDTH>');
    expect(kernelsOf(paged(4, 2, 64), 'f16')[0]?.text).toContain('AttendMma<f16,');
  });

  it('puts as many heads into a block as share their keys and fit', () => {
    expect(kernelsOf(paged(24, 1, 64))[0]?.text).toContain('constexpr int HEADS = 12;');
    expect(kernelsOf(paged(24, 1, 64))[2]?.text).toContain('constexpr int HEADS = 24;');
    expect(kernelsOf(paged(9, 3, 64))[2]?.text).toContain('constexpr int TOKENS = 16;');
    expect(kernelsOf(paged(9, 3, 64))[4]?.text).toContain('constexpr int TOKENS = 32;');
  });

  it('reads dense keys by the same kernels, and keys that all tokens share by one', () => {
    const dense = kernelsOf((graph) =>
      denseAttention(
        {
          q: graph.input('q', 'act', ['T', 6, 16]),
          k: graph.input('k', 'act', ['T', 2, 16]),
          v: graph.input('v', 'act', ['T', 2, 16]),
        },
        { scale: 0.25 },
      ),
    );
    expect(suffixes(dense)).toEqual(['_lone', '_lone_join', '', '_join', '_large']);
    const shared = kernelsOf((graph) =>
      sharedKeys({
        q: graph.input('q', 'act', ['T', 6, 16]),
        k: graph.input('k', 'cache', ['S', 16]),
        v: graph.input('v', 'cache', ['S', 16]),
      }),
    );
    expect(shared.map(({ launch }) => launch.grid)).toEqual([
      '((T + 15) / 16 * 1 >= 512 ? 0 : (T + 7) / 8 * 1)',
      '((T + 15) / 16 * 1 >= 512 ? (T + 15) / 16 * 1 : 0)',
    ]);
  });
});
