/** The embedded model against transformers' results, in the element types for which its README states tolerances. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LLM } from '../../index.ts';
import { greedyChats, questions, scoredSequences, tinyModel } from '../support/tiny-model.ts';

const tolerances = [
  { elements: 'bf16', meanGap: 0.006, largestGap: 0.15, closeMargin: 0.15, right: [92, 100] },
  { elements: 'f32', meanGap: 0.001, largestGap: 0.001, closeMargin: 0, right: [96, 96] },
  // No tolerance is stated for f16, whose significand is longer than bf16's: it must do as well.
  { elements: 'f16', meanGap: 0.006, largestGap: 0.15, closeMargin: 0.15, right: [92, 100] },
] as const;

describe.each(tolerances)('a $elements engine', ({ elements, meanGap, largestGap, closeMargin, right }) => {
  let llm: LLM;
  beforeAll(async () => {
    llm = await LLM.load(tinyModel, { elements });
  });
  afterAll(() => llm.close());

  test(`gives log-probabilities within ${meanGap} on average and ${largestGap} at most`, async () => {
    const gaps: number[] = [];
    for (const { ids, logprobs } of scoredSequences) {
      const scored = await llm.score(ids);
      expect(scored.tokens).toEqual(ids);
      expect(scored.logprobs[0]).toBeNull();
      for (const [place, expected] of logprobs.entries()) {
        if (expected !== null) gaps.push(Math.abs(expected - (scored.logprobs[place] ?? Number.NaN)));
      }
    }
    expect(gaps).toHaveLength(1806);
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThanOrEqual(meanGap);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(largestGap);
  });

  test.each(greedyChats)('renders and continues: $messages.0.content', async ({ messages, ...reference }) => {
    const result = await llm.chat(messages, { temperature: 0, maxTokens: 200 });
    expect(result.promptTokenIds).toEqual(reference.prompt_ids);
    const close = reference.margins.findIndex((margin) => margin < closeMargin);
    if (close < 0) expect(result.text).toBe(reference.text);
    const certain = close < 0 ? reference.output_ids.length : close;
    expect(result.tokenIds.slice(0, certain)).toEqual(reference.output_ids.slice(0, certain));
  });

  test(`answers ${right.join(' to ')} of 200 questions right`, async () => {
    const results = await llm.generate(
      questions.map(({ messages }) => messages),
      { temperature: 0, maxTokens: 24 },
    );
    const answers = results.map(({ text }, place) => text === questions[place]?.right);
    expect(answers).toHaveLength(200);
    const count = answers.filter(Boolean).length;
    expect(count).toBeGreaterThanOrEqual(right[0]);
    expect(count).toBeLessThanOrEqual(right[1]);
  });
});
