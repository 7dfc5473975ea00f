/**
 * Random programs: the compiler refuses each with a diagnostic, or what it makes of it on every target agrees with the author's
 * function in Node. Longer by hand: `npm run fuzz`, and with WARPSMITH_FUZZ_SECONDS here too.
 */
import { describe, expect, test } from 'vitest';
import { inParallel } from '../../codegen/build/parallel.ts';
import { fuzzSeconds } from '../support/fuzz-budget.ts';
import { checks } from './batch.ts';
import { targets } from './built.ts';
import { BATCH, Campaign, describeCounts, describeFailure } from './campaign.ts';
import { traits } from './structure.ts';

const MOST_MILLISECONDS = 900_000;
/** Enough of them that 2,000 are compared which tell something and differ. */
const BATCHES = 3;
/** Compiled as a user's operators are; the others by a compiler that is sooner done. */
const PRODUCTS = { first: 1_000_000, count: 30 };

describe('random programs', () => {
  test(
    'agree with the oracle on every target, or are refused',
    async () => {
      const campaign = new Campaign();
      const failures: string[] = [];
      const run = async (first: number, size: number, optimization: 'product' | 'none'): Promise<void> => {
        const failed = await campaign.run(first, size, { targets, optimization });
        failures.push(...failed.map(describeFailure));
      };
      await run(PRODUCTS.first, PRODUCTS.count, 'product');
      const firsts = Array.from({ length: BATCHES }, (_, batch) => batch * BATCH);
      await inParallel(firsts, (first) => run(first, BATCH, 'none'));
      for (let first = BATCHES * BATCH; performance.now() < 1000 * fuzzSeconds; first += BATCH)
        await run(first, BATCH, 'none');
      const { counts } = campaign;
      console.log(describeCounts(counts));
      expect(failures).toEqual([]);
      expect(counts.different).toBeGreaterThanOrEqual(2000);
      expect(counts.withReduction).toBeGreaterThanOrEqual(counts.different / 2);
      for (const trait of traits) expect(counts.traits.get(trait), trait).toBeGreaterThan(40);
      for (const check of checks) expect(counts.checks.get(check), check).toBeGreaterThan(15);
      expect([...counts.mistakes].filter(([, count]) => count === 0)).toEqual([]);
    },
    MOST_MILLISECONDS + 2000 * fuzzSeconds,
  );
});
