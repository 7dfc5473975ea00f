/**
 * The embedded model's engine for GPUs on a simulated one: every kernel of its fused steps, prefill and decode, launched one by one
 * and replayed as a graph, with every access checked.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LLM } from '../../index.ts';
import { simulated } from '../support/simulation.ts';
import { greedyChats, scoredSequences, tinyModel } from '../support/tiny-model.ts';

let llm: LLM;
beforeAll(async () => {
  llm = await LLM.load(tinyModel, { elements: 'bf16', ...simulated });
});
afterAll(() => llm.close());

test('log-probabilities are within the bounds of bf16', async () => {
  const [sequence] = scoredSequences;
  if (sequence === undefined) throw new Error('there is a sequence');
  // A token's log-probability depends on nothing behind it. More than 32 rows take the tiles for many.
  const ids = sequence.ids.slice(0, 40);
  const { logprobs } = await llm.score(ids);
  const gaps = ids
    .slice(1)
    .map((_, i) => Math.abs((sequence.logprobs[i + 1] ?? Number.NaN) - (logprobs[i + 1] ?? Number.NaN)));
  expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThanOrEqual(0.006);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(0.15);
});

test('a reply begins as the reference does', async () => {
  const [chat] = greedyChats;
  if (chat === undefined) throw new Error('there is a chat');
  const { tokenIds } = await llm.chat(chat.messages, { temperature: 0, maxTokens: 6 });
  expect(tokenIds).toEqual(chat.output_ids.slice(0, 6));
});

test('drawn tokens are those of the CPU: the same noise in both', async () => {
  const [chat] = greedyChats;
  if (chat === undefined) throw new Error('there is a chat');
  const cpu = await LLM.load(tinyModel, { elements: 'bf16' });
  try {
    const sampling = { temperature: 0.8, topK: 20, topP: 0.9, presencePenalty: 0.5, seed: 3, maxTokens: 4 };
    const expected = await cpu.chat(chat.messages, sampling);
    const found = await llm.chat(chat.messages, sampling);
    expect(found.tokenIds).toHaveLength(4);
    expect(found.tokenIds).toEqual(expected.tokenIds);
  } finally {
    cpu.close();
  }
});
