/** Quantized tensors through a built library: the rows that a weight gets, against the published block layouts. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../../codegen/build/build.ts';
import { compile } from '../../../codegen/compile.ts';
import { formatDiagnostics } from '../../../codegen/diagnostics/format.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import type { WeightSegment } from '../../../dsl/lang/graph.ts';
import { type FloatType, toBits } from '../../../dsl/lang/rounding.ts';
import { trace } from '../../../dsl/lang/trace.ts';
import { embedding } from '../../../dsl/ops/index.ts';
import { loadWeights } from '../../../runtime/load-weights.ts';
import { type NativeLibrary, openLibrary } from '../../../runtime/native.ts';
import { Program } from '../../../runtime/program.ts';
import type { TensorLocation } from '../../../runtime/weight-types.ts';
import { libraryModule } from '../../../verify/build-cases.ts';
import { elementsOf } from '../../../verify/operator-library.ts';
import { Random } from '../../../verify/random.ts';
import { poisoned, toStorage } from '../../../verify/tensors.ts';
import { blockFormats, decodeBlocks } from '../../support/gguf-blocks.ts';

const R = 8;
const C = 768;
const segment = (rowStart: number, rows: number, columnStart = 0, columns = C): WeightSegment => ({
  tensor: 'table',
  rowStart,
  rows,
  columnStart,
  columns,
  totalRows: R,
  totalColumns: C,
});

/** The weights that are read back, as segments of the checkpoint's tensor `table`, [R, C]. */
const weights: Readonly<Record<string, readonly WeightSegment[]>> = {
  whole: [segment(0, R)],
  merged: [segment(4, 4), segment(0, 4)],
  // Columns of a row-parallel shard: they begin and end within a block of 256 and within one of 32.
  shard: [segment(0, R, 100, 410)],
};

async function library(element: FloatType): Promise<NativeLibrary> {
  const graphs = Object.entries(weights).map(([name, segments]) =>
    trace(name, (graph) => {
      const shape = [R, segments[0]?.columns ?? 0] as const;
      const table = graph.checkpoint('table', 'weight', shape, segments);
      return { y: embedding({ ids: graph.input('ids', 'i32', ['T']), table }).y };
    }),
  );
  const operators = await readProgramOperators([libraryModule]);
  const compiled = compile(graphs, operators.ir, { elements: elementsOf(element) });
  if (compiled.diagnostics.length > 0) throw new Error(formatDiagnostics(compiled.diagnostics));
  const built = await build(compiled.ir.library);
  if (!built.ok) throw new Error(built.message);
  return openLibrary(built.directory);
}

/** Every row of the weight, as it lies in the engine. */
function rowsOf(native: NativeLibrary, name: string, tensor: TensorLocation, element: FloatType, threads = 2) {
  const columns = weights[name]?.[0]?.columns ?? 0;
  const program = new Program(native, name, { threads, capacities: { T: R } });
  try {
    const y = poisoned(element, R * columns);
    loadWeights(program.native, program.manifest, { files: [tensor.file], tensors: new Map([['table', tensor]]) });
    program.bind({ ids: Int32Array.from({ length: R }, (_, row) => row), y });
    program.launch({ T: R });
    return y;
  } finally {
    program.close();
  }
}

/** What the segments take of the whole tensor. */
function taken(name: string, values: ArrayLike<number>): number[] {
  return (weights[name] ?? []).flatMap(({ rowStart, rows, columnStart, columns }) =>
    Array.from({ length: rows * columns }, (_, place) => {
      const row = rowStart + Math.floor(place / columns);
      return values[row * C + columnStart + (place % columns)] ?? Number.NaN;
    }),
  );
}

/** Random blocks with scales about 1/64, some zero, negative and subnormal, behind a gap that leaves them unaligned. */
function tableFile(type: string): { readonly tensor: TensorLocation; readonly values: Float32Array } {
  const random = new Random(7);
  const format = blockFormats[type];
  if (!format) throw new Error(type);
  const bytes = Uint8Array.from({ length: ((R * C) / format.elements) * format.bytes }, () => random.integer(0, 256));
  const view = new DataView(bytes.buffer);
  for (let block = 0; block * format.bytes < bytes.length; block++) {
    for (const at of format.scales) {
      const bits = [0, 0x8000, 3, 0xa400][block] ?? toBits('f16', random.normal() / 64);
      view.setUint16(block * format.bytes + at, bits, true);
    }
  }
  const file = join(mkdtempSync(join(tmpdir(), 'blocks-')), 'table');
  writeFileSync(file, Buffer.concat([Buffer.alloc(13), bytes]));
  const tensor = { file, dtype: type, shape: [R, C], byteOffset: 13, byteLength: bytes.length };
  return { tensor, values: decodeBlocks(type, bytes) };
}

describe.each(['f32', 'bf16', 'f16'] as const)('an engine of %s', (element) => {
  let native: NativeLibrary;
  beforeAll(async () => {
    native = await library(element);
  });

  describe.each(Object.keys(blockFormats))('%s', (type) => {
    const { tensor, values } = tableFile(type);

    it.each(Object.keys(weights))('%s', (name) => {
      expect(rowsOf(native, name, tensor, element)).toEqual(toStorage(element, taken(name, values)));
    });

    it('puts the halves of interleaved heads one after the other', () => {
      // Heads of 4 rows: the file's rows 0, 2, 1, 3 of each head are the tensor's rows 0 to 3.
      const order = [0, 2, 1, 3, 4, 6, 5, 7];
      const reordered = order.flatMap((row) => Array.from(values.subarray(row * C, (row + 1) * C)));
      for (const name of ['whole', 'merged', 'shard'])
        expect(rowsOf(native, name, { ...tensor, interleavedHeadRows: 4 }, element)).toEqual(
          toStorage(element, taken(name, reordered)),
        );
    });
  });

  it('refuses rows that a file does not have', () => {
    const { tensor } = tableFile('Q8_0');
    expect(() => rowsOf(native, 'whole', { ...tensor, byteOffset: 14 }, element)).toThrow('beyond the end of the file');
    expect(() => rowsOf(native, 'whole', { ...tensor, byteOffset: 2 ** 53 - 1 }, element)).toThrow('beyond the end');
    expect(() => rowsOf(native, 'whole', { ...tensor, byteOffset: 14, interleavedHeadRows: 4 }, element)).toThrow(
      'beyond the end',
    );
  });
});
