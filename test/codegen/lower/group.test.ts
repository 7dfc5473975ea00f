import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../dsl/lang/graph.ts';
import { type GraphBuilder, trace } from '../../../dsl/lang/trace.ts';
import { compiled } from './compiled.ts';
import {
  chosenProduct,
  exponential,
  increment,
  normalize,
  productAndMore,
  productOfNext,
  reverseRows,
} from './fixtures.ts';

const weights = (graph: GraphBuilder) =>
  graph.checkpoint(
    'w',
    'weight',
    [64, 32],
    [{ tensor: 'w', rowStart: 0, rows: 64, columnStart: 0, columns: 32, totalRows: 64, totalColumns: 32 }],
  );

describe('groupRows', () => {
  it('joins what walks the same rows and needs its own row only, and keeps the row in the thread', async () => {
    const { lowered } = await compiled(
      trace('rows', (graph) => normalize({ x: normalize({ x: graph.input('x', 'act', ['T', 64]) }).y })),
    );
    const [kernel] = lowered.kernels;
    expect(lowered.kernels).toHaveLength(1);
    expect(kernel?.kind === 'nest' && kernel.locals).toHaveLength(1);
  });

  it('starts a kernel anew where another row is read', async () => {
    const { kernelNames, lowered } = await compiled(
      trace('reverse', (graph) => {
        const { y } = normalize({ x: graph.input('x', 'act', ['T', 64]) });
        return reverseRows({ x: y });
      }),
    );
    expect(kernelNames).toEqual(['normalize', 'reverse_rows']);
    expect(lowered.notes.at(-1)).toMatchObject({ fused: false, reason: 'it reads other rows of normalize.y' });
  });

  it('does not join different counts of rows', async () => {
    const { kernelNames } = await compiled(
      trace('two', (graph) => ({
        first: exponential({ x: graph.input('a', 'act', ['T', 64]) }).y,
        second: increment({ x: graph.input('b', 'act', ['R', 64]) }).y,
      })),
    );
    expect(kernelNames).toEqual(['exponential', 'increment']);
  });

  it('sees the dependence through a view of another shape', async () => {
    const { kernelNames } = await compiled(
      trace('view', (graph) => {
        const { y } = normalize({ x: graph.input('x', 'act', ['T', 64]) });
        return reverseRows({ x: y.reshape('T', 64) });
      }),
    );
    expect(kernelNames).toEqual(['normalize', 'reverse_rows']);
  });

  it('makes a product of one behind a ternary only where its axes alone keep it in range', async () => {
    const kinds = async (graph: Graph) => (await compiled(graph)).lowered.kernels.map(({ kind }) => kind);
    const rows = ['T', 32] as const;
    const chosen = trace('chosen', (graph) =>
      chosenProduct({ x: graph.input('x', 'act', rows), w: weights(graph), on: graph.input('on', 'i32', ['T']) }),
    );
    const ofNext = trace('of_next', (graph) => productOfNext({ x: graph.input('x', 'act', rows), w: weights(graph) }));
    const andMore = trace('and_more', (graph) =>
      productAndMore({ x: graph.input('x', 'act', rows), w: weights(graph), b: graph.input('b', 'f32', [64]) }),
    );
    expect(await kinds(chosen)).toEqual(['contract']);
    expect(await kinds(ofNext)).toEqual(['nest']);
    expect(await kinds(andMore)).toEqual(['nest']);
  });
});
