/** `LLM.stream`: what `generate` returns, chunk by chunk, and its ends. */
import { describe, expect, it } from 'vitest';
import { collect } from './collect.ts';
import { expectedTokens, letterModel } from './letters.ts';

const go = { maxTokens: 12, ignoreEos: true };

describe('stream', () => {
  it('streams what generate returns', async () => {
    const { llm } = letterModel();
    const [whole] = await llm.generate('hello', { ...go, logprobs: 0 });
    const chunks = await collect(llm.stream('hello', { ...go, logprobs: 0 }));
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.map(({ text }) => text).join('')).toBe(whole!.text);
    expect(chunks.flatMap(({ tokenIds }) => tokenIds)).toEqual(whole!.tokenIds);
    expect(chunks.flatMap(({ logprobs }) => logprobs)).toEqual(whole!.logprobs);
    expect(chunks.map(({ finishReason }) => finishReason).filter((reason) => reason !== null)).toEqual(['length']);
  });

  it('shares the batch with other calls', async () => {
    const { engine, llm } = letterModel();
    const [chunks, [result]] = await Promise.all([collect(llm.stream('hello', go)), llm.generate('world', go)]);
    expect(engine.steps.some(({ lengths }) => lengths.length === 2)).toBe(true);
    expect(chunks.flatMap(({ tokenIds }) => tokenIds)).toEqual(expectedTokens(llm.tokenizer.encode('hello'), go));
    expect(result!.tokenIds).toEqual(expectedTokens(llm.tokenizer.encode('world'), go));
  });

  it('ends with what there is when the signal comes in the middle of a step', async () => {
    const { engine, llm } = letterModel();
    const abort = new AbortController();
    engine.duringStep = (step) => step === 4 && abort.abort();
    const other = llm.generate('world', go);
    const chunks = await collect(llm.stream('hello', go, { signal: abort.signal }));
    expect(chunks.at(-1)!.finishReason).toBe('abort');
    expect(chunks.flatMap(({ tokenIds }) => tokenIds)).toEqual(
      expectedTokens(llm.tokenizer.encode('hello'), go).slice(0, 3),
    );
    expect((await other)[0]!.tokenIds).toEqual(expectedTokens(llm.tokenizer.encode('world'), go));
    expect(llm.statistics().blocks.used).toBe(0);
  });

  it('computes nothing for a signal that came before', async () => {
    const { engine, llm } = letterModel();
    const chunks = await collect(llm.stream('hello', go, { signal: AbortSignal.abort() }));
    expect(chunks).toMatchObject([{ text: '', tokenIds: [], finishReason: 'abort' }]);
    expect(engine.steps).toEqual([]);
  });

  it('stops the work when its reader leaves', async () => {
    const { engine, llm } = letterModel();
    for await (const chunk of llm.stream('hello', { ignoreEos: true })) if (chunk.tokenIds.length > 0) break;
    const { length } = engine.steps;
    await llm.generate('world', { maxTokens: 1 });
    expect(engine.steps.length).toBeLessThanOrEqual(length + 2);
    expect(llm.statistics()).toMatchObject({ running: 0, blocks: { used: 0 } });
  });
});
