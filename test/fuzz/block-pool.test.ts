/**
 * Sequences of every kind through the scheduler, steps ahead included: no block is lost, none written by two, and a prefix is found
 * for equal tokens only. Longer with WARPSMITH_FUZZ_SECONDS.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rootHash } from '../../runtime/block-hash.ts';
import { noGenerationDefaults } from '../../runtime/generation-config.ts';
import { resolveSamplingParams } from '../../runtime/sampling-params.ts';
import { Scheduler } from '../../runtime/scheduler.ts';
import { Sequence } from '../../runtime/sequence.ts';
import { smallLimits } from '../runtime/fake-engine.ts';
import { budget, fuzzSeconds } from '../support/fuzz-budget.ts';
import { CacheModel } from './cache-model.ts';

const limits = { ...smallLimits, blockSize: 4, numBlocks: 8, maxBlocksPerSequence: 8, maxSequences: 4, maxTokens: 12 };

/** Two letters, so that prefixes are often equal. */
const letter = fc.integer({ min: 0, max: 1 });
const commands = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        prompt: fc.array(letter, { minLength: 1, maxLength: 18, size: 'max' }),
        maxTokens: fc.integer({ min: 1, max: 20 }),
        salt: fc.constantFrom('', '', '', 'other'),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('schedule' as const) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('complete' as const), drawn: letter }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), pick: fc.nat() }) },
  ),
  { maxLength: 150, size: 'max' },
);
const options = fc.record({
  prefillChunk: fc.constantFrom(1, 3, 12),
  maxSequences: fc.constantFrom(2, 4),
  enablePrefixCaching: fc.constantFrom(true, true, false),
});

type Command = typeof commands extends fc.Arbitrary<(infer Item)[]> ? Item : never;
type Chosen = typeof options extends fc.Arbitrary<infer Item> ? Item : never;

interface Seen {
  readonly preemptions: number;
  readonly cachedTokens: number;
}

function run(list: readonly Command[], chosen: Chosen): Seen {
  const scheduler = new Scheduler(limits, chosen);
  const model = new CacheModel(scheduler, limits.blockSize);
  const sequences: Sequence[] = [];
  let cachedTokens = 0;
  const schedule = (): boolean => {
    const step = model.stepsUnderWay < 2 ? scheduler.schedule() : null;
    if (step === null) return false;
    for (const { sequence, start } of step.sequences) if (start === sequence.numCached) cachedTokens += start;
    model.submit(step);
    return true;
  };
  for (const command of list) {
    switch (command.kind) {
      case 'add': {
        const params = resolveSamplingParams({ maxTokens: command.maxTokens }, noGenerationDefaults, limits);
        const added = new Sequence(sequences.length, command.prompt, params, rootHash(command.salt));
        sequences.push(added);
        scheduler.add(added);
        break;
      }
      case 'schedule':
        schedule();
        break;
      case 'complete':
        model.complete(() => command.drawn);
        break;
      case 'abort': {
        const sequence = sequences[command.pick % Math.max(1, sequences.length)];
        if (sequence !== undefined) scheduler.finish(sequence, 'abort');
      }
    }
    model.checkBooks(sequences);
  }
  const { preemptions } = scheduler.statistics();
  // To the end: everything that was added is computed.
  while (schedule() || model.stepsUnderWay > 0) model.complete(() => 0);
  model.checkBooks(sequences);
  expect(scheduler.statistics()).toMatchObject({ waiting: 0, running: 0, blocks: { used: 0 } });
  return { preemptions, cachedTokens };
}

test(
  'no block is lost or owned twice, whatever is asked',
  () => {
    let preemptions = 0;
    let cachedTokens = 0;
    const property = fc.property(commands, options, (list, chosen) => {
      const seen = run(list, chosen);
      preemptions += seen.preemptions;
      cachedTokens += seen.cachedTokens;
    });
    fc.assert(property, budget(400));
    // Otherwise the test would say little.
    expect(preemptions).toBeGreaterThan(20);
    expect(cachedTokens).toBeGreaterThan(200);
  },
  120_000 + 2000 * fuzzSeconds,
);
