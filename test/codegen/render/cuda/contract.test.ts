/** Which kernels a product has on tensor cores, and for how many rows each of them runs. */
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { compile } from '../../../../codegen/compile.ts';
import { readProgramOperators } from '../../../../codegen/read/program-operators.ts';
import { linear } from '../../../../dsl/ops/index.ts';
import { graphOf, libraryModule } from '../../../../verify/build-cases.ts';
import { elementsOf, operatorCase } from '../../../../verify/operator-library.ts';

const { ir: operators } = await readProgramOperators([libraryModule]);

function rendered(columns: number, depth: number): { readonly host: string; readonly source: string } {
  const graph = graphOf(operatorCase('linear', linear, { N: columns, K: depth }));
  const { ir } = compile([graph], operators, {
    elements: elementsOf('bf16'),
    target: 'cuda',
    architectures: ['sm_90a'],
  });
  const source = [...ir.library.files].find(([path]) => /^contract.*\.cu$/.test(path))?.[1] ?? '';
  return { host: ir.library.files.get('programs.cpp') ?? '', source };
}

/** The kernel's name without that of the program, and whether it has blocks for `rows`. */
function launches(host: string): readonly { readonly suffix: string; readonly runs: (rows: number) => boolean }[] {
  const calls = [...host.matchAll(/launch\(\d+, \d+ \/\* linear(\w*) \*\/, (.*?), \d+, \d+, batch/g)];
  return calls.map(([, suffix = '', grid = '']) => {
    const blocks: (rows: number) => number = runInNewContext(`(T) => ${grid}`);
    return { suffix, runs: (rows) => blocks(rows) > 0 };
  });
}

it.each([
  [1024, 3072, ['_few', '_some', '_many', '', '_large']],
  [4096, 1024, ['_few', '_some', '', '_large']],
  [151936, 1024, ['_few', '', '_large']],
  [64, 64, ['_few', '']],
])('of %i columns and depth %i one kernel runs for any number of rows', (columns, depth, suffixes) => {
  const kernels = launches(rendered(columns, depth).host);
  expect(kernels.map(({ suffix }) => suffix)).toEqual(suffixes);
  for (let rows = 1; rows <= 2000; rows++)
    expect(kernels.filter(({ runs }) => runs(rows)).length, `${rows} rows`).toBe(1);
});

it('blocks of a cluster share the depth where tiles are few, and fewer of them where rows are more', () => {
  const { source, host } = rendered(1024, 3072);
  const parts = [...source.matchAll(/SplitTile<bf16, 64, 64, 32, 32, \d+, (\d+)>/g)].map(([, count]) => Number(count));
  expect(parts).toEqual([8, 4]);
  // Of the table of kernels: blocks of a cluster, threads of each.
  expect(host).toMatch(/"linear_some", \d+, \d+, 8, 128}/);
  expect(host).toMatch(/"linear_many", \d+, \d+, 4, 128}/);
});
