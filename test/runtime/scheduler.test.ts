import { describe, expect, it } from 'vitest';
import { rootHash } from '../../runtime/block-hash.ts';
import type { EngineLimits } from '../../runtime/engine-interface.ts';
import { noGenerationDefaults } from '../../runtime/generation-config.ts';
import { resolveSamplingParams, type SamplingParams } from '../../runtime/sampling-params.ts';
import { type ScheduledStep, Scheduler, type SchedulerOptions } from '../../runtime/scheduler.ts';
import { Sequence } from '../../runtime/sequence.ts';
import { smallLimits } from './fake-engine.ts';

function scheduler(limits: Partial<EngineLimits> = {}, options: SchedulerOptions = {}): Scheduler {
  return new Scheduler({ ...smallLimits, ...limits }, options);
}

function sequence(length: number, params: SamplingParams = {}, first = 0): Sequence {
  const tokens = Array.from({ length }, (_, place) => (first + place) % smallLimits.vocabSize);
  return new Sequence(0, tokens, resolveSamplingParams(params, noGenerationDefaults, smallLimits), rootHash(''));
}

/** What a step holds: [start, count] of each sequence. */
function shares(step: ScheduledStep | null): number[][] | null {
  return step?.sequences.map(({ start, count }) => [start, count]) ?? null;
}

/** Runs a step and draws the token 1 where one is drawn. */
function run(target: Scheduler): ScheduledStep | null {
  const step = target.schedule();
  if (!step) return null;
  target.complete(step);
  for (const { sequence: scheduled, rowPositions } of step.sequences) {
    if (rowPositions.at(-1) === scheduled.tokens.length - 1) scheduled.append(1);
  }
  return step;
}

describe('Scheduler', () => {
  it('has no step without sequences', () => {
    expect(scheduler().schedule()).toBeNull();
  });

  it('gives a step no more tokens, sequences and rows than the engine takes', () => {
    const tokens = scheduler({ maxTokens: 6 });
    tokens.add(sequence(4), sequence(4));
    expect(shares(run(tokens))).toEqual([
      [0, 4],
      [0, 2],
    ]);
    // The first decodes while the second's prompt goes on.
    expect(shares(run(tokens))).toEqual([
      [4, 1],
      [2, 2],
    ]);

    const sequences = scheduler({}, { maxSequences: 1 });
    sequences.add(sequence(4), sequence(4));
    expect(shares(run(sequences))).toEqual([[0, 4]]);

    const rows = scheduler({ maxRows: 2 });
    rows.add(sequence(4, { promptLogprobs: 0 }));
    expect(run(rows)!.sequences[0]!.rowPositions).toEqual([0, 1]);
  });

  it('asks for the rows of a prompt only where its log-probabilities are wanted', () => {
    const plain = scheduler();
    plain.add(sequence(5));
    expect(run(plain)!.sequences[0]!.rowPositions).toEqual([4]);
    const scored = scheduler();
    scored.add(sequence(5, { promptLogprobs: 0 }));
    expect(run(scored)!.sequences[0]!.rowPositions).toEqual([0, 1, 2, 3, 4]);
  });

  it('admits a sequence only when all of its prompt fits, beside a block for each that runs', () => {
    const target = scheduler({ numBlocks: 4, maxBlocksPerSequence: 4 });
    const [first, second] = [sequence(8), sequence(8, {}, 20)];
    target.add(first, second);
    expect(shares(run(target))).toEqual([[0, 8]]);
    expect(target.statistics()).toMatchObject({ running: 1, waiting: 1 });
    target.finish(first, 'stop');
    expect(shares(run(target))).toEqual([[0, 8]]);
    expect(second.status).toBe('running');
  });

  it('serves first who came first: a small one does not overtake a large one', () => {
    const target = scheduler({ numBlocks: 4, maxBlocksPerSequence: 4 });
    target.add(sequence(8), sequence(12, {}, 20), sequence(1, {}, 40));
    run(target);
    expect(target.statistics()).toMatchObject({ running: 1, waiting: 2 });
  });

  it('preempts the latest; it comes back first, with its output computed again', () => {
    const target = scheduler({ numBlocks: 4, maxBlocksPerSequence: 4 }, { enablePrefixCaching: false });
    const [first, latest] = [sequence(4), sequence(3, {}, 20)];
    target.add(first, latest, sequence(1, {}, 40));
    // Blocks of 4 tokens: the first needs a second block at its 5th token, a third at its 9th, and so on.
    run(target);
    while (latest.status === 'running') run(target);
    expect(latest).toMatchObject({ numComputed: 0, blocks: [], stateRow: -1 });
    expect(target.statistics()).toMatchObject({ preemptions: 1, running: 1, waiting: 2 });
    const length = latest.tokens.length;
    expect(length).toBeGreaterThan(3);
    target.finish(first, 'stop');
    expect(shares(run(target))).toEqual([
      [0, length],
      [0, 1],
    ]);
  });

  it("reuses the blocks of an equal prefix, and never the last token's", () => {
    const target = scheduler();
    const first = sequence(8);
    target.add(first);
    run(target);
    const second = sequence(8);
    target.add(second);
    expect(shares(run(target))).toEqual([
      [8, 1],
      [4, 4],
    ]);
    expect(second.blocks[0]).toBe(first.blocks[0]);
    expect(second.blocks[1]).not.toBe(first.blocks[1]);
    expect(second.numCached).toBe(4);
  });

  it('shares no block before it is full and computed', () => {
    const target = scheduler({}, { prefillChunk: 6 });
    target.add(sequence(12));
    run(target);
    const second = sequence(12);
    target.add(second);
    expect(shares(run(target))).toEqual([
      [6, 6],
      [4, 6],
    ]);
  });

  it('takes a block for the same only behind the same beginning', () => {
    const target = scheduler();
    const [first, other] = [sequence(8), sequence(5, {}, 20)];
    target.add(first, other);
    run(target);
    const mixed = sequence(9);
    mixed.tokens.splice(0, 4, ...other.tokens.slice(0, 4));
    target.add(mixed);
    run(target);
    expect(mixed.numCached).toBe(4);
  });

  it('forgets the end of a prefix before its beginning', () => {
    const target = scheduler({ numBlocks: 4, maxBlocksPerSequence: 4 });
    const first = sequence(16);
    target.add(first);
    run(target);
    target.finish(first, 'stop');
    const other = sequence(8, {}, 20);
    target.add(other);
    run(target);
    target.finish(other, 'stop');
    const again = sequence(16);
    target.add(again);
    run(target);
    expect(again.numCached).toBe(8);
  });

  it('computes a prompt in full whose log-probabilities are wanted', () => {
    const target = scheduler();
    target.add(sequence(8));
    run(target);
    target.add(sequence(8, { promptLogprobs: 0 }));
    expect(shares(run(target))).toEqual([
      [8, 1],
      [0, 8],
    ]);
  });

  it('keeps the blocks of a sequence that ends during a step until the step has ended', () => {
    const target = scheduler({ numBlocks: 2, maxBlocksPerSequence: 2 });
    const ended = sequence(8);
    target.add(ended);
    const step = target.schedule()!;
    target.finish(ended, 'abort');
    expect(target.statistics().blocks.free).toBe(0);
    target.complete(step);
    expect(target.statistics().blocks.free).toBe(2);
    expect(target.hasWork).toBe(false);
  });

  it('gives each running sequence a state row of its own', () => {
    const target = scheduler();
    const sequences = [sequence(2), sequence(2), sequence(2)];
    target.add(...sequences);
    run(target);
    expect(new Set(sequences.map(({ stateRow }) => stateRow)).size).toBe(3);
  });

  it.each([{ prefillChunk: 0 }, { maxSequences: 1.5 }, { maxWaiting: Number.NaN }])('refuses %o', (options) => {
    expect(() => scheduler({}, options)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });

  it('takes the cache for the limit where it is smaller than the context', () => {
    expect(scheduler({ numBlocks: 3 }).maxLength).toBe(12);
    expect(scheduler({ maxBlocksPerSequence: 5 }).maxLength).toBe(20);
    expect(scheduler({ maxModelLen: 7 }).maxLength).toBe(7);
  });
});
