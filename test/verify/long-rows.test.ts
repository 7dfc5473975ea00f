/** Order statistics of rows as long as vocabularies, which a cluster of blocks has where there are clusters. */
import { expect, test } from 'vitest';
import { verifyOperatorFile } from '../../verify/operator-file.ts';
import type { OperatorReport } from '../../verify/operators.ts';
import { simulated } from '../support/simulation.ts';

const source = new URL('./sources/long-rows.ts', import.meta.url).pathname;

test.each([
  ['on the CPU', { target: 'cpu' } as const],
  ['on the simulated GPU', simulated],
])(
  '%s they are those of the oracle, over ties and NaN too',
  async (_, target) => {
    const settings = { dims: { V: 20000 }, elements: ['f32'], ...target } as const;
    const found: OperatorReport[] = [];
    for await (const report of verifyOperatorFile(source, settings)) found.push(report);
    expect(found.map(({ operator }) => operator)).toEqual(['rowKthLargest', 'rowMedian', 'rowMassThreshold']);
    expect(found.flatMap(({ failures }) => failures)).toEqual([]);
    expect(found.every(({ calls }) => calls >= 8)).toBe(true);
  },
  60_000,
);
