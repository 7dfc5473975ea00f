/** The text of a library for GPUs, and where nvcc is, the library itself on a machine that has none. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { build } from '../../../../codegen/build/build.ts';
import { compile, DEFAULT_ELEMENTS } from '../../../../codegen/compile.ts';
import type { ManifestModel } from '../../../../codegen/manifest.ts';
import { readProgramOperators } from '../../../../codegen/read/program-operators.ts';
import { trace } from '../../../../dsl/lang/trace.ts';
import { linear } from '../../../../dsl/ops/linear.ts';
import { siluMul } from '../../../../dsl/ops/silu-mul.ts';
import { openLibrary } from '../../../../runtime/native.ts';
import { Program } from '../../../../runtime/program.ts';
import { libraryModule } from '../../../../verify/build-cases.ts';
import { itWithNvcc } from '../../../support/nvcc.ts';

const architectures = ['sm_80', 'sm_90a'];
const hasGpu = existsSync('/dev/nvidia0');

async function library(model: ManifestModel | null = null, width = 33) {
  const { ir: operators } = await readProgramOperators([libraryModule]);
  const graphs = [
    trace('gated', (graph) => siluMul({ x: graph.input('x', 'act', ['T', 2 * width]) })),
    trace('twice', (graph) => {
      const first = siluMul({ x: graph.input('x', 'act', ['T', 2 * width]) });
      const weight = graph.checkpoint(
        'w',
        'weight',
        [2 * width, width],
        [
          {
            tensor: 'w',
            rowStart: 0,
            rows: 2 * width,
            columnStart: 0,
            columns: width,
            totalRows: 2 * width,
            totalColumns: width,
          },
        ],
      );
      return siluMul({ x: linear({ x: first.y, weight }).y });
    }),
  ];
  const compiled = compile(graphs, operators, { elements: DEFAULT_ELEMENTS, target: 'cuda', architectures, model });
  expect(compiled.diagnostics).toEqual([]);
  return compiled.ir.library;
}

describe('a CUDA library', async () => {
  const rendered = await library();
  const text = (path: string): string => rendered.files.get(path) ?? '';

  it('has a source a class, the host program and the machine code of every source and architecture', () => {
    expect(rendered.sources).toEqual(['nest.cu', 'contract.cu', 'programs.cpp', 'cubins.cpp', 'engine.cpp']);
    expect(text('cubins.cpp').match(/incbin \\"(.*?)\\"/g)).toEqual([
      'incbin \\"nest.sm_80.cubin\\"',
      'incbin \\"contract.sm_80.cubin\\"',
      'incbin \\"nest.sm_90a.cubin\\"',
      'incbin \\"contract.sm_90a.cubin\\"',
    ]);
    expect(rendered.manifest).toMatchObject({ target: 'cuda', architectures });
  });

  it('has a source a kernel where it is a model, so that an edit compiles one alone', async () => {
    const model = {
      architecture: '',
      vocabSize: 1,
      maxModelLen: 1,
      topCount: 1,
      hiddenSize: 1,
      numLayers: 1,
      takesAllTensors: true,
    };
    const { sources, files } = await library(model, 128);
    expect(sources).toEqual([
      'nest_0.cu',
      'contract_0_0.cu',
      'contract_0_1.cu',
      'programs.cpp',
      'cubins.cpp',
      'engine.cpp',
    ]);
    expect(files.get('contract_0_0.cu')).toContain('__global__');
  });

  it('launches each kernel with the batch, its counts and its memory, and shares equal kernels', () => {
    const launches = [...text('programs.cpp').matchAll(/launch\(.*?\/\* (\w+) \*\//g)].map(([, name]) => name);
    expect(launches.filter((name) => name === 'silu_mul')).toHaveLength(2);
    expect(text('nest.cu').match(/__global__ .* silu_mul\w*\(/g)).toHaveLength(1);
    expect(text('programs.cpp')).toMatch(/launch\(0, 0 \/\* silu_mul \*\/, .*, batch, T, memory\[0\], memory\[1\]\);/);
  });

  it('tells of each kernel the lines that it came of', () => {
    const [kernel] = rendered.manifest.programs[0]?.kernels ?? [];
    expect(kernel?.anchors).toEqual(['siluMul.y']);
    expect(kernel?.lines).toEqual([expect.stringMatching(/^silu-mul\.ts:\d+$/)]);
    expect(kernel).toMatchObject({ threads: expect.any(Number), sharedBytes: expect.any(Number) });
  });

  itWithNvcc('is built, and loads on a machine without a GPU', async () => {
    const built = await build(rendered);
    if (!built.ok) throw new Error(built.message);
    for (const cubin of ['nest.sm_80.cubin', 'contract.sm_90a.cubin'])
      expect(existsSync(join(built.directory, cubin))).toBe(true);
    // Two libraries in one process must not share the GPU's kernels through a symbol that the loader makes one.
    const { stdout: symbols } = await execa('nm', ['-D', join(built.directory, built.manifest.library)]);
    expect(symbols.split('\n').filter((line) => / u /.test(line))).toEqual([]);
    const opened = openLibrary(built.directory);
    expect(opened.manifest.processorFeatures).toEqual([]);
    if (hasGpu) return;
    expect(() => new Program(opened, 'gated', { capacities: { T: 4 } })).toThrow(/libcuda\.so\.1 was not found/);
  });
});
