import { expect, it } from 'vitest';
import { letterModel } from './letters.ts';

it('counts prompts and drawn tokens apart, and what the cache spared once', async () => {
  const { llm } = letterModel({}, { prefillChunk: 3 });
  expect(llm.statistics()).toMatchObject({ steps: 0, prefillTokensPerSecond: null, decodeTokensPerSecond: null });
  await llm.generate('abcdefgh', { maxTokens: 5, ignoreEos: true });
  // The last chunk of the prompt draws the first token; the four others are decodes, the fifth token is never computed.
  expect(llm.statistics()).toMatchObject({ steps: 7, prefillTokens: 8, decodeTokens: 4, cachedTokens: 0 });
  await llm.generate('abcdefghijklmnop', { maxTokens: 1 });
  const after = llm.statistics();
  expect(after).toMatchObject({ steps: 10, prefillTokens: 16, cachedTokens: 8, preemptions: 0 });
  expect(after.prefillTokensPerSecond).toBeCloseTo(after.prefillTokens / after.prefillSeconds, 6);
  expect(after.blocks).toMatchObject({ used: 0, peak: 4 });
});

it('tells when the first token came', async () => {
  const { llm } = letterModel();
  const [result] = await llm.generate('abc', { maxTokens: 4, ignoreEos: true });
  expect(result!.secondsToFirstToken).toBeGreaterThan(0);
  expect(result!.seconds).toBeGreaterThan(result!.secondsToFirstToken!);
});
