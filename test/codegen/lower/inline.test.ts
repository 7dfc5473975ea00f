import { describe, expect, it } from 'vitest';
import { trace } from '../../../dsl/lang/trace.ts';
import { compiled } from './compiled.ts';
import {
  columnsBehind,
  countRows,
  exponential,
  halfProduct,
  increment,
  multiplyHalves,
  normalize,
  readCounts,
  relaxedIncrement,
} from './fixtures.ts';

const weightOf = (rows: number, columns: number) => [
  { tensor: 'w', rowStart: 0, rows, columnStart: 0, columns, totalRows: rows, totalColumns: columns },
];

describe('inlineMaps', () => {
  it('moves a map into its only reader, rounded as its tensor would round it', async () => {
    const { files, kernelNames } = await compiled(
      trace('chain', (graph) => exponential({ x: increment({ x: graph.input('x', 'act', ['T', 64]) }).y })),
    );
    expect(kernelNames).toEqual(['increment_exponential']);
    expect(files.get('nest.cpp')).toContain('from_f32<bf16>(ws_exp(round_to<bf16>(to_f32(x[t * 64L + h]) + 1.0f)))');
  });

  it('does not round a map whose operator relaxes it, unless it is stored', async () => {
    const { files } = await compiled(
      trace('chain', (graph) => exponential({ x: relaxedIncrement({ x: graph.input('x', 'act', ['T', 64]) }).y })),
    );
    expect(files.get('nest.cpp')).toContain('from_f32<bf16>(ws_exp(to_f32(x[t * 64L + h]) + 1.0f))');
    const alone = await compiled(
      trace('alone', (graph) => relaxedIncrement({ x: graph.input('x', 'act', ['T', 64]) })),
    );
    expect(alone.files.get('nest.cpp')).toContain('from_f32<bf16>(to_f32(x[t * 64L + h]) + 1.0f)');
  });

  it('leaves a map with two readers where it is', async () => {
    const { kernelNames, lowered } = await compiled(
      trace('fork', (graph) => {
        const { y } = exponential({ x: graph.input('x', 'act', ['T', 64]) });
        return { a: increment({ x: y }).y, b: exponential({ x: y }).y };
      }),
    );
    expect(kernelNames).toEqual(['exponential_increment']);
    expect(lowered.notes).toContainEqual({
      producer: 'exponential.y',
      consumer: 'increment.y',
      fused: false,
      reason: 'it has 2 readers',
    });
  });

  it('makes a map the epilogue of the product before it, with an accumulator for each place it reads', async () => {
    const { lowered } = await compiled(
      trace('product', (graph) => {
        const w = graph.checkpoint('w', 'weight', [64, 32], weightOf(64, 32));
        return multiplyHalves({ x: halfProduct({ x: graph.input('x', 'act', ['T', 32]), w }).y });
      }),
    );
    const [kernel] = lowered.kernels;
    expect(lowered.kernels).toHaveLength(1);
    expect(kernel).toMatchObject({ kind: 'contract', name: 'half_product_multiply_halves', roles: ['row', 'column'] });
    expect(kernel?.kind === 'contract' && kernel.products.map((product) => product.depth)).toEqual([32, 32]);
  });

  it('leaves a product where its reader has it behind a ternary that keeps it in range', async () => {
    const { lowered } = await compiled(
      trace('behind', (graph) => {
        const w = graph.checkpoint('w', 'weight', [64, 32], weightOf(64, 32));
        return columnsBehind({ x: halfProduct({ x: graph.input('x', 'act', ['T', 32]), w }).y });
      }),
    );
    expect(lowered.kernels.map(({ kind }) => kind)).toEqual(['contract', 'nest']);
  });

  it('does not recompute a product for a reader that needs whole rows of it', async () => {
    const { kernelNames } = await compiled(
      trace('norm', (graph) => {
        const w = graph.checkpoint('w', 'weight', [64, 32], weightOf(64, 32));
        return normalize({ x: halfProduct({ x: graph.input('x', 'act', ['T', 32]), w }).y });
      }),
    );
    expect(kernelNames).toEqual(['half_product', 'normalize']);
  });

  it('does not move the reading of a state behind its next write', async () => {
    const { kernelNames } = await compiled(
      trace('counts', (graph) => {
        const counts = graph.state('counts', 'i32', ['S']);
        const row = graph.input('row', 'i32', ['T']);
        const before = readCounts({ row, counts }).y;
        countRows({ row, counts });
        return { before };
      }),
    );
    expect(kernelNames).toEqual(['read_counts', 'count_rows']);
  });

  it('keeps every definition a kernel of its own when told not to fuse', async () => {
    const graph = trace('chain', (builder) =>
      exponential({ x: increment({ x: builder.input('x', 'act', ['T', 64]) }).y }),
    );
    expect((await compiled(graph, { fuse: false })).kernelNames).toEqual(['increment', 'exponential']);
  });
});
