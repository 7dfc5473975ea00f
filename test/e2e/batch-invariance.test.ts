/** What a prompt gets does not depend on what it is computed with: log-probabilities are equal bit for bit. */
import { describe, expect, test } from 'vitest';
import { LLM, type LoadOptions, type SamplingParams } from '../../index.ts';
import { greedyChats, scoredSequences, tinyModel } from '../support/tiny-model.ts';

/** Of lengths that are no multiple of 7 and lie on both sides of a block boundary. */
const sequences = [[5], [5, 6], ...scoredSequences.slice(0, 3).map(({ ids }) => ids), scoredSequences[7]?.ids ?? []];

/** Conversations that begin alike for 70 tokens: more than a block, so that a cached prefix can serve the later ones. */
const opening = scoredSequences[8]?.ids.slice(0, 70) ?? [];
const prompts = greedyChats.slice(0, 4).map(({ prompt_ids }) => [...opening, ...prompt_ids]);

const params: readonly SamplingParams[] = [
  { temperature: 0, maxTokens: 24, logprobs: 3 },
  { temperature: 1, seed: 7, maxTokens: 24, logprobs: 3 },
  { temperature: 0.8, topP: 0.9, topK: 40, seed: 8, maxTokens: 24, logprobs: 3 },
  { temperature: 1.2, minP: 0.05, repetitionPenalty: 1.3, presencePenalty: 0.5, seed: 9, maxTokens: 24, logprobs: 3 },
];

/** Scores and continues everything with the calls one after the other, or all of them under way at once. */
async function results(options: LoadOptions, together: boolean) {
  const llm = await LLM.load(tinyModel, options);
  try {
    const calls = [
      ...sequences.map((ids) => () => llm.score(ids, { top: 3 })),
      ...prompts.map((prompt, place) => () => continued(llm, prompt, params[place] ?? {})),
    ];
    const done: unknown[] = [];
    if (together) done.push(...(await Promise.all(calls.map((call) => call()))));
    else for (const call of calls) done.push(await call());
    return { done, statistics: llm.statistics() };
  } finally {
    await llm.close();
  }
}

async function continued(llm: LLM, prompt: readonly number[], sampling: SamplingParams) {
  const [result] = await llm.generate([prompt], sampling);
  return { tokens: result?.tokenIds, logprobs: result?.logprobs, text: result?.text };
}

const settings: readonly { readonly name: string; readonly options: LoadOptions; readonly together: boolean }[] = [
  { name: 'in one batch', options: { threads: 1 }, together: true },
  { name: 'on two threads', options: { threads: 2 }, together: false },
  { name: 'in one batch on two threads', options: { threads: 2 }, together: true },
  { name: 'with the prefill in chunks of 7', options: { threads: 1, prefillChunk: 7 }, together: false },
  { name: 'in one batch, in chunks of 7, on two threads', options: { threads: 2, prefillChunk: 7 }, together: true },
  { name: 'without prefix caching', options: { threads: 2, enablePrefixCaching: false }, together: true },
  { name: 'with 16 tokens and 3 sequences a step', options: { maxTokens: 16, maxSequences: 3 }, together: true },
];

describe.each(['bf16', 'f32'] as const)('a %s engine', (elements) => {
  const alone = results({ elements, threads: 1, enablePrefixCaching: false }, false);

  test.each(settings)('gives the same $name', async ({ options, together }) => {
    const { done } = await results({ elements, ...options }, together);
    expect(done).toEqual((await alone).done);
  });

  test('gives the same behind a cached prefix', async () => {
    const { done, statistics } = await results({ elements, threads: 2 }, false);
    expect(statistics.cachedTokens).toBeGreaterThanOrEqual(3 * 64);
    expect(done).toEqual((await alone).done);
  });

  test('gives the same when the cache is too small and sequences are computed anew', async () => {
    const chats = greedyChats.map(({ prompt_ids }) => prompt_ids);
    const generate = async (options: LoadOptions) => {
      const llm = await LLM.load(tinyModel, { elements, maxModelLen: 320, ...options });
      const outputs = await llm.generate(chats, { temperature: 1, seed: 3, maxTokens: 60, logprobs: 1 });
      const { preemptions, blocks } = llm.statistics();
      await llm.close();
      return { outputs: outputs.map(({ tokenIds, logprobs }) => ({ tokenIds, logprobs })), preemptions, blocks };
    };
    const plenty = await generate({});
    const scarce = await generate({ kvCacheBytes: 0 });
    expect(plenty.preemptions).toBe(0);
    expect(scarce.preemptions).toBeGreaterThan(0);
    expect(scarce.blocks.total).toBe(5);
    expect(scarce.outputs).toEqual(plenty.outputs);
  });
});

test('blocks of 16, 32 and 64 positions give the same text', async () => {
  const texts = [];
  for (const blockSize of [16, 32, 64] as const) {
    const llm = await LLM.load(tinyModel, { blockSize });
    expect(llm.limits.blockSize).toBe(blockSize);
    const chats = greedyChats.map(({ messages }) => messages);
    texts.push((await llm.generate(chats, { temperature: 0, maxTokens: 60 })).map(({ text }) => text));
    await llm.close();
  }
  expect(texts[0]).toEqual(texts[2]);
  expect(texts[1]).toEqual(texts[2]);
});
