/** An operator that f32 cannot carry further is held to what f32 can do, and to no less. */
import { describe, expect, it } from 'vitest';
import { readOperators } from '../../../codegen/read/read.ts';
import { comparedByCondition } from '../../../verify/bounds/by-condition.ts';
import { compareOutputs } from '../../../verify/compare.ts';
import { verifyOperatorFile } from '../../../verify/operator-file.ts';
import { type OperatorCase, runOracle } from '../../../verify/operator-library.ts';
import { userFolder } from '../../support/user-folder.ts';
import { sourceFiles } from '../../support/user-sources.ts';
import { total } from './sources/bounded.ts';

const file = new URL('./sources/bounded.ts', import.meta.url).pathname;
const ir = readOperators([file]).ir.find(({ name }) => name === 'total');
const subject: OperatorCase = { name: 'total', operator: total, features: { N: 4 }, attrs: {} };

/** How `total` of these fares where a target's sum is off by so much. */
function sharesOf(x: readonly number[], off: number): readonly number[] {
  if (ir === undefined) throw new Error('total was refused');
  const call = { counts: { T: 1 }, inputs: { x: x.map(Math.fround) } };
  const expected = runOracle(subject, call, 'f32');
  const { y } = expected;
  if (y === undefined || 'fields' in y) throw new Error('there is no y');
  const found = { y: y.map((value) => value + off) };
  const compared = compareOutputs('f32', subject, call, found, expected);
  const again = comparedByCondition(compared, ir, 'f32', subject, call, found);
  return again.map(({ error, bound }) => error / bound);
}

describe('a sum that cancels', () => {
  const cancelling = [1000.1, -1000.1, 0.001, 2.1];

  it('may be off by what f32 makes of its terms', () => {
    const [share] = sharesOf(cancelling, 2e-4);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThanOrEqual(1);
  });

  it('and by no more', () => expect(sharesOf(cancelling, 2e-3)[0]).toBeGreaterThan(100));

  it('fails where f32 says nothing of it', () =>
    expect(sharesOf([1e6 + 0.1, -1e6 + 0.1, 0.001, 0.002], 1)[0]).toBeGreaterThan(1));
});

it('a sum that does not cancel has the table’s bound', () => {
  expect(sharesOf([1, 2, 3, 4], 1e-5)[0]).toBeCloseTo(0.5, 2);
  expect(sharesOf([1, 2, 3, 4], 1e-4)[0]).toBeGreaterThan(1);
});

it('a score that grows with the distance, behind a thousand keys, verifies', async () => {
  const folder = userFolder(sourceFiles);
  try {
    const settings = {
      dims: { HQ: 4, HK: 2, D: 16 },
      attrs: { scale: 0.25 },
      elements: ['f32'],
      target: 'cpu',
    } as const;
    for await (const report of verifyOperatorFile(folder.file('alibi.ts'), settings))
      expect([report.operator, report.failures, report.worst <= 1]).toEqual(['alibiAttention', [], true]);
  } finally {
    folder.remove();
  }
}, 60_000);
