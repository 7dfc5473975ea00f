/** Steps that are submitted before the tokens of the one before are known: the same outputs, and nothing computed that need not be. */
import { expect, it } from 'vitest';
import type { SamplingParams } from '../../runtime/sampling-params.ts';
import { letterModel } from './letters.ts';

const prompts = ['abcdefghij', 'klm', 'nopqrstuvwxyz', 'A', 'BCDEF'];

/** What each prompt gets, with every kind of end; `stop` comes where the text of the first prompt has it. */
async function outputs(asyncScheduling: boolean, stop = '~') {
  const { engine, llm } = letterModel({}, { asyncScheduling, prefillChunk: 7 });
  const params: readonly SamplingParams[] = [
    { maxTokens: 20, stop, ignoreEos: true, logprobs: 3 },
    { maxTokens: 1, ignoreEos: true, promptLogprobs: 2, logprobs: 0 },
    { maxTokens: 30, temperature: 1, seed: 5, frequencyPenalty: 1.5, logprobs: 2 },
    { maxTokens: 11, logitBias: { 47: 100 }, minTokens: 4, frequencyPenalty: 0.5 },
    { temperature: 1, seed: 6, ignoreEos: true },
  ];
  const results = await llm.generate(prompts, params);
  await llm.close();
  expect(llm.statistics().blocks.used).toBe(0);
  return {
    engine,
    results: results.map(({ tokenIds, text, logprobs, promptLogprobs, finishReason, stopReason }) => {
      return { tokenIds, text, logprobs, promptLogprobs, finishReason, stopReason };
    }),
  };
}

it('gives the same tokens and log-probabilities as one step at a time', async () => {
  const [first] = (await outputs(false)).results;
  const stop = first!.text.slice(8, 11);
  const [ahead, waiting] = [await outputs(true, stop), await outputs(false, stop)];
  expect(ahead.results).toEqual(waiting.results);
  expect(ahead.results.map(({ finishReason }) => finishReason)).toEqual([
    'stop',
    'length',
    expect.any(String),
    'stop',
    'length',
  ]);
  expect(ahead.results[0]).toMatchObject({ stopReason: stop, text: first!.text.slice(0, first!.text.indexOf(stop)) });
  // A ban of stop tokens is lifted before the token that ends it is known.
  expect(ahead.results[3]!.tokenIds.indexOf(47)).toBe(4);
  expect(ahead.engine.mostUnderWay).toBe(2);
  expect(waiting.engine.mostUnderWay).toBe(1);
});

it('gives the same when blocks run out, and preempts as often', async () => {
  const generate = async (asyncScheduling: boolean) => {
    const { llm } = letterModel({ numBlocks: 16 }, { asyncScheduling });
    const params = { maxTokens: 40, ignoreEos: true, frequencyPenalty: 1.5, logprobs: 1 };
    const results = await llm.generate(['abcdefgh', 'ijklmnop', 'qrstuvwx'], params);
    await llm.close();
    return { outputs: results.map(({ tokenIds, logprobs }) => ({ tokenIds, logprobs })), ...llm.statistics() };
  };
  const [ahead, waiting] = [await generate(true), await generate(false)];
  expect(waiting.preemptions).toBeGreaterThan(0);
  expect(ahead.preemptions).toBe(waiting.preemptions);
  expect(ahead.outputs).toEqual(waiting.outputs);
});

it('computes no step past the most tokens that an output may have', async () => {
  const { engine, llm } = letterModel({ maxModelLen: 12 });
  await llm.generate(['abcde', 'fgh'], [{ maxTokens: 3, ignoreEos: true }, { ignoreEos: true }]);
  await llm.close();
  // The second ends where the context does: its 12th token is never computed.
  expect(engine.steps.map(({ contextLens }) => contextLens)).toEqual([
    [5, 3],
    [6, 4],
    [7, 5],
    ...[6, 7, 8, 9, 10, 11].map((length) => [length]),
  ]);
});

it('passes over what was computed for a sequence that a stop string had ended', async () => {
  const { llm: reference } = letterModel();
  const [whole] = await reference.generate('hello', { maxTokens: 12, ignoreEos: true });
  const stop = whole!.text.slice(5, 8);
  const { engine, llm } = letterModel();
  const [cut] = await llm.generate('hello', { maxTokens: 12, ignoreEos: true, stop });
  await llm.close();
  expect(whole!.tokenIds.slice(0, cut!.tokenIds.length)).toEqual(cut!.tokenIds);
  expect(engine.steps).toHaveLength(cut!.tokenIds.length + 1);
  expect(llm.statistics()).toMatchObject({ decodeTokens: cut!.tokenIds.length - 1, running: 0, blocks: { used: 0 } });
});

it('frees the blocks of an aborted sequence once the step that was submitted ahead has ended', async () => {
  const { engine, llm } = letterModel();
  const abort = new AbortController();
  const usedThen: number[] = [];
  engine.duringStep = (step) => {
    if (step !== 4) return;
    abort.abort();
    usedThen.push(llm.statistics().blocks.used);
  };
  const [result] = await llm.generate('hello', { ignoreEos: true }, { signal: abort.signal });
  expect(result).toMatchObject({ finishReason: 'abort' });
  expect(result!.tokenIds).toHaveLength(3);
  await llm.close();
  expect(usedThen).toEqual([3]);
  expect(engine.steps).toHaveLength(5);
  expect(llm.statistics().blocks.used).toBe(0);
});

it('waits for what is under way when a step has failed', async () => {
  const { engine, llm } = letterModel();
  engine.duringStep = (step) => {
    if (step === 3) throw new Error('device lost');
  };
  await expect(llm.generate('hello', { ignoreEos: true })).rejects.toThrow('device lost');
  await llm.close();
  expect(engine.isClosed).toBe(true);
  expect(engine.steps).toHaveLength(4);
});
