import { expect, it } from 'vitest';
import { statisticsLine } from '../../bin/statistics.ts';
import type { Statistics } from '../../index.ts';

const statistics: Statistics = {
  steps: 61,
  prefillTokens: 19,
  prefillSeconds: 0.01,
  prefillTokensPerSecond: 1900,
  decodeTokens: 60,
  decodeSeconds: 0.03,
  decodeTokensPerSecond: 2000,
  cachedTokens: 0,
  preemptions: 0,
  running: 0,
  waiting: 0,
  blocks: { total: 8, free: 8, used: 0, peak: 2, cached: 0 },
};

it('tells tokens, rates and the wait for the first text', () => {
  expect(statisticsLine(statistics, 890)).toBe(
    '19 prompt tokens (1,900/s) · 60 decoded (2,000/s) · first text 0.89 s after the start',
  );
});

it('leaves out what there was none of', () => {
  const scored = { ...statistics, cachedTokens: 64, decodeTokens: 0, decodeTokensPerSecond: null };
  expect(statisticsLine(scored, null)).toBe('19 prompt tokens (1,900/s) · 64 from the prefix cache · 0 decoded');
});
