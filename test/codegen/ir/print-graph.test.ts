import { describe, expect, it } from 'vitest';
import { printGraph, printShard } from '../../../codegen/ir/print-graph.ts';
import { readProgramOperators } from '../../../codegen/read/program-operators.ts';
import { trace } from '../../../dsl/lang/trace.ts';
import { row } from '../../../dsl/models/sharding.ts';
import { linear } from '../../../dsl/ops/index.ts';
import { libraryModule } from '../../../verify/build-cases.ts';

const shard = row({ name: 'mlp.down_proj', rows: 8, columns: 32, bias: false }, { rank: 1, size: 2 });
const graph = trace('down', (builder) => {
  const x = builder.input('x', 'act', ['T', 16]);
  const weight = builder.checkpoint('mlp.down_proj.weight', 'weight', [shard.rows, shard.columns], shard.weight);
  return builder.scope('mlp', () => linear({ x, weight }, {}, { collective: shard.collective }));
});

describe('a traced graph as text', async () => {
  const { ir: operators } = await readProgramOperators([libraryModule]);

  it('has its values, its calls in order, and its results', () => {
    expect(printGraph(graph, operators)).toBe(`\
graph down
  %0: act[T, 16] input x
  %1: weight[8, 16] checkpoint mlp.down_proj.weight
  %2 = linear(x: %0, weight: %1) in mlp
  result y = %2
`);
  });

  it('of a rank has the slices that it loads and where the ranks join', () => {
    expect(printShard(graph, operators)).toBe(`\
graph down
  %1: weight[8, 16] checkpoint mlp.down_proj.weight
    mlp.down_proj.weight rows [0, 8) of 8, columns [16, 32) of 32
  allReduce %2 = linear(x: %0, weight: %1) in mlp
`);
  });
});
