/** How the threads of a group share a row: in pieces that are read once, by warps, by clusters of blocks. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { findNvcc } from '../../../../codegen/build/nvcc.ts';
import { compile, DEFAULT_ELEMENTS } from '../../../../codegen/compile.ts';
import { readProgramOperators } from '../../../../codegen/read/program-operators.ts';
import type { RenderedLibrary } from '../../../../codegen/render/library.ts';
import type { Graph } from '../../../../dsl/lang/graph.ts';
import { type GraphBuilder, trace } from '../../../../dsl/lang/trace.ts';
import { addRmsNorm, headNorm, linear, logSumExp, rope } from '../../../../dsl/ops/index.ts';
import { libraryModule } from '../../../../verify/build-cases.ts';
import { itWithNvcc } from '../../../support/nvcc.ts';

const { ir: operators } = await readProgramOperators([libraryModule]);

function rendered(graph: Graph): RenderedLibrary {
  const { ir, diagnostics } = compile([graph], operators, { elements: DEFAULT_ELEMENTS, target: 'cuda' });
  expect(diagnostics).toEqual([]);
  return ir.library;
}

/** The body of the only nest kernel. */
function bodyOf(graph: Graph): string {
  const text = rendered(graph).files.get('nest.cu') ?? '';
  return text.slice(text.indexOf('_compute('), text.indexOf('extern "C"'));
}

function weight(graph: GraphBuilder, rows: number, columns: number) {
  const place = { tensor: 'w', rowStart: 0, rows, columnStart: 0, columns, totalRows: rows, totalColumns: columns };
  return graph.checkpoint('w', 'weight', [rows, columns], [place]);
}

function norm(width: number): Graph {
  return trace('norm', (graph) =>
    addRmsNorm(
      {
        x: graph.input('x', 'act', ['T', width]),
        residual: graph.input('residual', 'act', ['T', width]),
        weight: graph.input('weight', 'weight', [width]),
      },
      { eps: 1e-6 },
    ),
  );
}

describe('a row of a block', () => {
  it('is read once, in pieces of 16 bytes, where a round of the threads takes it', () => {
    const body = bodyOf(norm(1024));
    expect(body.match(/\w+\.load\(/g)).toEqual(['x_piece.load(', 'residual_piece.load(', 'weight_piece.load(']);
    expect(body).toContain('Vector<bf16, 8> x_piece;');
    expect(body).not.toContain('sync()');
  });

  it('has a condition where some threads have no piece, and a loop where there are more pieces than threads', () => {
    expect(bodyOf(norm(576))).toContain('if (const int h_begin = 8 * block.rank(); h_begin < 576) {');
    expect(bodyOf(norm(12288))).toContain('h_begin < 12288; h_begin += 8 * block.size) {');
  });

  it('is taken element by element where its width or its rows do not begin at a piece', () => {
    expect(bodyOf(norm(1023))).not.toContain('.load(');
  });
});

describe('a loop around loops', () => {
  it('is a warp’s from the norm of a head to its rotation, without a barrier of the block', () => {
    const body = bodyOf(
      trace('heads', (graph) => {
        const normed = headNorm(
          { x: graph.input('x', 'act', ['T', 8, 128]), weight: graph.input('weight', 'weight', [128]) },
          { eps: 1e-6 },
        );
        const table = (name: string) => graph.input(name, 'f32', ['T', 64]);
        return rope({ x: normed.y, cosine: table('cosine'), sine: table('sine') });
      }),
    );
    expect(body.match(/block\.warp\(\)/g)).toHaveLength(1);
    expect(body).toContain('warp.sync()');
    expect(body).not.toContain('block.sync()');
  });
});

describe('a long row', () => {
  const library = rendered(trace('long', (graph) => logSumExp({ x: graph.input('x', 'f32', ['R', 40000]) })));

  it('is a cluster’s, or a block’s where there are none, by its extent', () => {
    expect(library.files.get('nest.cu')).toContain('log_sum_exp_group = LongRow<8, 512, 1024>;');
    expect(library.manifest.programs[0]?.kernels[0]).toMatchObject({ threads: 1024, clusterThreads: 512 });
  });
});

itWithNvcc('a kernel reads nothing but weights before those before it have ended', async () => {
  const library = rendered(
    trace('layer', (graph) => {
      const { y } = addRmsNorm(
        {
          x: graph.input('x', 'act', ['T', 256]),
          residual: graph.input('residual', 'act', ['T', 256]),
          weight: graph.input('weight', 'weight', [256]),
        },
        { eps: 1e-6 },
      );
      return linear({ x: y, weight: weight(graph, 64, 256) });
    }),
  );
  const found = await findNvcc();
  if (!found.ok) throw new Error(found.message);
  const folder = mkdtempSync(join(tmpdir(), 'warpsmith-ptx-'));
  try {
    for (const [path, text] of library.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    for (const source of ['nest', 'contract']) {
      const flags = ['-std=c++17', '-O3', '-arch=compute_90a', '-I.', '-Ilib', '-ptx', `${source}.cu`, '-o', 'out.ptx'];
      await execa(found.nvcc.path, flags, { cwd: folder });
      const kernels = readFileSync(join(folder, 'out.ptx'), 'utf8').split('.entry ').slice(1);
      expect(kernels.length).toBeGreaterThan(0);
      for (const kernel of kernels) {
        const wait = kernel.indexOf('griddepcontrol.wait');
        expect(wait).toBeGreaterThan(0);
        const early = kernel.slice(0, wait).match(/\b(ld|st|atom|red)\.(?!param)\S+/g) ?? [];
        expect(early.filter((access) => !access.includes('no_allocate'))).toEqual([]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
