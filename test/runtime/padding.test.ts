import { afterAll, describe, expect, it } from 'vitest';
import { build } from '../../codegen/build/build.ts';
import { compile } from '../../codegen/compile.ts';
import { OPERATOR_LIBRARY } from '../../codegen/emit.ts';
import { operatorGraph } from '../../codegen/operator-graph.ts';
import { readProgramOperators } from '../../codegen/read/program-operators.ts';
import { pagedAttention, storeKv } from '../../dsl/ops/index.ts';
import { openLibrary } from '../../runtime/native.ts';
import { Program } from '../../runtime/program.ts';

/** Two tokens of one sequence in a step of five: the other three are padding. */
describe('padding tokens', async () => {
  const { ir: operators } = await readProgramOperators([OPERATOR_LIBRARY]);
  const graphs = [
    operatorGraph('attend', pagedAttention, { dims: { HQ: 1, HK: 1, D: 4 }, attrs: { scale: 1 } }),
    operatorGraph('store', storeKv, { dims: { HK: 1, D: 4 } }),
  ];
  const { ir } = compile(graphs, operators, { elements: { act: 'f32', weight: 'f32', cache: 'f32' }, blockSize: 16 });
  const built = await build(ir.library);
  if (!built.ok) throw new Error(built.message);
  const library = openLibrary(built.directory);
  const options = { capacities: { T: 5, B: 1 }, threads: 1, blocksPerSequence: 1, numBlocks: 1 };
  const programs = { attend: new Program(library, 'attend', options), store: new Program(library, 'store', options) };
  afterAll(() => {
    for (const program of Object.values(programs)) program.close();
  });
  const batch = { cuSeqlens: Int32Array.of(0, 2), contextLens: Int32Array.of(2), blockTable: Int32Array.of(0) };

  it('are not stored', () => {
    const kv = new Float32Array(16 * 8).fill(-1);
    const k = Float32Array.from({ length: 20 }, (_, place) => place);
    programs.store.bind({ k, v: k, kv });
    programs.store.launch({ T: 5, B: 1 }, batch);
    expect([...kv.subarray(0, 12)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1]);
  });

  it('attend to nothing, which gives 0', () => {
    const o = new Float32Array(20).fill(Number.NaN);
    programs.attend.bind({ q: new Float32Array(20).fill(1), kv: new Float32Array(16 * 8).fill(2), o });
    programs.attend.launch({ T: 5, B: 1 }, batch);
    expect([...o]).toEqual([...Array(8).fill(2), ...Array(12).fill(0)]);
  });
});
