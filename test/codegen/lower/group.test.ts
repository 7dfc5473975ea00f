import { describe, expect, it } from 'vitest';
import { trace } from '../../../dsl/lang/trace.ts';
import { compiled } from './compiled.ts';
import { exponential, increment, normalize, reverseRows } from './fixtures.ts';

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
});
