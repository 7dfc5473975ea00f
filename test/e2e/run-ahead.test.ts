/** Built engines with steps submitted ahead and one at a time: tokens and log-probabilities are equal bit for bit. */
import { expect, test } from 'vitest';
import { LLM, type LoadOptions, type SamplingParams } from '../../index.ts';
import { simulated } from '../support/simulation.ts';
import { greedyChats, tinyModel } from '../support/tiny-model.ts';

const prompts = greedyChats.slice(0, 5).map(({ prompt_ids }) => prompt_ids);

/** Batches that end at different steps, by length, by a stop token and by stop strings that are found a step late. */
const params = (tokens: number, stop: string): readonly SamplingParams[] => [
  { temperature: 0, maxTokens: tokens, stop, logprobs: 3 },
  { temperature: 1, seed: 7, maxTokens: tokens - 3, ignoreEos: true, logprobs: 3 },
  { temperature: 0.8, topP: 0.9, topK: 40, seed: 8, maxTokens: tokens, repetitionPenalty: 1.3, logprobs: 3 },
  {
    temperature: 1.2,
    seed: 9,
    minTokens: 3,
    maxTokens: tokens,
    logitBias: { 1: 2 },
    frequencyPenalty: 0.7,
    logprobs: 3,
  },
  { temperature: 0, maxTokens: 2, promptLogprobs: 1, logprobs: 0, ignoreEos: true },
];

async function outputs(options: LoadOptions, count: number, tokens: number, stop = '~') {
  const llm = await LLM.load(tinyModel, options);
  try {
    const results = await llm.generate(prompts.slice(0, count), params(tokens, stop).slice(0, count));
    return results.map(({ tokenIds, logprobs, promptLogprobs, text, finishReason, stopReason }) => {
      return { tokenIds, logprobs, promptLogprobs, text, finishReason, stopReason };
    });
  } finally {
    await llm.close();
  }
}

test.each([
  { name: 'on the CPU', options: {}, count: 5, tokens: 24 },
  {
    name: 'on the CPU, in chunks of 7 and 3 sequences a step',
    options: { prefillChunk: 7, maxSequences: 3 },
    count: 5,
    tokens: 24,
  },
  { name: 'on a simulated GPU', options: simulated, count: 2, tokens: 5 },
])('the same $name', async ({ options, count, tokens }) => {
  const waiting = { ...options, asyncScheduling: false };
  const [plain] = await outputs(waiting, 1, tokens);
  const stop = plain!.text.slice(2, 4);
  const results = await outputs(waiting, count, tokens, stop);
  expect(results[0]).toMatchObject({ finishReason: 'stop', stopReason: stop });
  expect(await outputs({ ...options, asyncScheduling: true }, count, tokens, stop)).toEqual(results);
});

test('a reader that leaves and a signal in the middle of a step change nothing for others', async () => {
  const llm = await LLM.load(tinyModel);
  try {
    const sampling = { temperature: 1, seed: 3, maxTokens: 30, ignoreEos: true, logprobs: 1 };
    const [alone] = await llm.generate([prompts[0]!], sampling);
    const abort = new AbortController();
    const others = [
      llm.generate([prompts[1]!], { ...sampling, seed: 4 }, { signal: abort.signal }),
      (async () => {
        for await (const { tokenIds } of llm.stream(prompts[2]!, sampling)) if (tokenIds.length > 0) break;
      })(),
    ];
    setTimeout(() => abort.abort(), 10);
    const [beside] = await llm.generate([prompts[0]!], sampling);
    await Promise.all(others);
    expect([beside!.tokenIds, beside!.logprobs]).toEqual([alone!.tokenIds, alone!.logprobs]);
  } finally {
    await llm.close();
  }
});
