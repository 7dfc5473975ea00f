import { getEventListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WarpsmithError } from '../../runtime/errors.ts';
import { collect } from './collect.ts';
import { fakeLogits, logSoftmax, smallLimits } from './fake-engine.ts';
import { eos, expectedTokens, letterModel } from './letters.ts';

const go = { maxTokens: 12, ignoreEos: true };

function codeOf(error: unknown): string {
  return error instanceof WarpsmithError ? error.code : String(error);
}

describe('generate', () => {
  it('draws each token from all tokens before it', async () => {
    const { llm } = letterModel();
    const [result] = await llm.generate('hello', go);
    const prompt = llm.tokenizer.encode('hello');
    expect(result!.tokenIds).toEqual(expectedTokens(prompt, go));
    expect(result!.text).toBe(llm.tokenizer.decode(result!.tokenIds));
    expect(result).toMatchObject({ promptTokenIds: prompt, finishReason: 'length', stopReason: null, logprobs: null });
  });

  it('answers several prompts in one ragged batch, in their order', async () => {
    const { engine, llm } = letterModel();
    const prompts = ['a', 'bcdefgh', 'ijk'];
    const results = await llm.generate(prompts, go);
    expect(engine.steps[0]!.lengths).toEqual([1, 7, 3]);
    expect(engine.steps[1]!.lengths).toEqual([1, 1, 1]);
    expect(results.map(({ tokenIds }) => tokenIds)).toEqual(
      prompts.map((prompt) => expectedTokens(llm.tokenizer.encode(prompt), go)),
    );
  });

  it('gives the same whatever the batch, the chunks, the cache and the memory', async () => {
    const prompt = fc.array(fc.integer({ min: 0, max: 46 }), { minLength: 1, maxLength: 30 });
    const request = fc.record({
      prompt,
      maxTokens: fc.integer({ min: 1, max: 20 }),
      temperature: fc.constantFrom(0, 1),
      seed: fc.integer({ min: 0, max: 3 }),
      frequencyPenalty: fc.constantFrom(0, 1.5),
      shared: fc.boolean(),
    });
    const setting = fc.record({
      maxTokens: fc.integer({ min: 1, max: 40 }),
      prefillChunk: fc.integer({ min: 1, max: 40 }),
      numBlocks: fc.integer({ min: 16, max: 40 }),
      maxSequences: fc.integer({ min: 1, max: 5 }),
      maxRows: fc.integer({ min: 1, max: 6 }),
      enablePrefixCaching: fc.boolean(),
      asyncScheduling: fc.boolean(),
    });
    const property = fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 7 }),
      setting,
      async (requests, options) => {
        const { prefillChunk, enablePrefixCaching, asyncScheduling, ...limits } = options;
        const { llm } = letterModel(limits, { prefillChunk, enablePrefixCaching, asyncScheduling });
        const common = [7, 7, 7, 7, 8, 8, 8, 8, 9];
        const prompts = requests.map((one) => (one.shared ? [...common, ...one.prompt] : one.prompt));
        const params = requests.map(({ prompt: _prompt, shared: _shared, ...rest }) => rest);
        const results = await llm.generate(prompts, params);
        expect(results.map(({ tokenIds }) => tokenIds)).toEqual(
          prompts.map((tokens, place) => expectedTokens(tokens, params[place])),
        );
        // A step that was submitted ahead may still hold blocks of a sequence that has ended.
        await llm.close();
        const { blocks, running, waiting } = llm.statistics();
        expect({ running, waiting, used: blocks.used }).toEqual({ running: 0, waiting: 0, used: 0 });
      },
    );
    await fc.assert(property, { numRuns: 120 });
  }, 60_000);

  it('preempts the latest sequence when blocks run out, and loses nothing by it', async () => {
    const { llm } = letterModel({ numBlocks: 16 });
    const prompts = ['abcdefgh', 'ijklmnop', 'qrstuvwx'];
    // The counts of the penalty live in the engine: they come back with the sequence.
    const params = { maxTokens: 40, ignoreEos: true, frequencyPenalty: 1.5 };
    const results = await llm.generate(prompts, params);
    expect(llm.statistics().preemptions).toBeGreaterThan(0);
    expect(results.map(({ tokenIds }) => tokenIds)).toEqual(
      prompts.map((prompt) => expectedTokens(llm.tokenizer.encode(prompt), params)),
    );
  });

  it('computes a shared beginning once', async () => {
    const { engine, llm } = letterModel();
    await llm.generate('abcdefghijkl', { maxTokens: 1 });
    const [again] = await llm.generate('abcdefghijkl', { maxTokens: 1 });
    // 12 tokens are three full blocks; the last is computed again for its logits.
    expect(again!.cachedTokens).toBe(8);
    expect(engine.steps.at(-1)).toEqual({ lengths: [4], contextLens: [12] });
    const [other] = await llm.generate('abcdEfghijkl', { maxTokens: 1 });
    expect(other!.cachedTokens).toBe(4);
    expect(llm.statistics().cachedTokens).toBe(12);
  });

  it('computes everything anew without the prefix cache', async () => {
    const { llm } = letterModel({}, { enablePrefixCaching: false });
    await llm.generate('abcdefghijkl', { maxTokens: 1 });
    const [again] = await llm.generate('abcdefghijkl', { maxTokens: 1 });
    expect(again!.cachedTokens).toBe(0);
  });

  it('cuts a prompt into chunks', async () => {
    const { engine, llm } = letterModel({}, { prefillChunk: 7 });
    await llm.generate('abcdefghijklmnopqrs', { maxTokens: 2, ignoreEos: true });
    expect(engine.steps.map(({ lengths }) => lengths)).toEqual([[7], [7], [5], [1]]);
  });

  it('lets decodes go on while a long prompt is computed', async () => {
    const { engine, llm } = letterModel({ maxTokens: 4 });
    const short = llm.generate('ab', { maxTokens: 8, ignoreEos: true });
    const long = llm.generate('cdefghijklmnop', { maxTokens: 1 });
    await Promise.all([short, long]);
    expect(engine.steps.slice(0, 4).map(({ lengths }) => lengths)).toEqual([
      [2, 2],
      [1, 3],
      [1, 3],
      [1, 3],
    ]);
  });

  it('ends at the end-of-text token, which is a token of the output and not of its text', async () => {
    const { llm } = letterModel();
    const [result] = await llm.generate('hello', { logitBias: { [eos]: 100 } });
    expect(result).toMatchObject({ tokenIds: [eos], text: '', finishReason: 'stop', stopReason: eos });
    const [ignored] = await llm.generate('hello', { logitBias: { [eos]: 100 }, ignoreEos: true, maxTokens: 3 });
    expect(ignored).toMatchObject({ tokenIds: [eos, eos, eos], finishReason: 'length' });
  });

  it('draws no stop token before minTokens', async () => {
    const { llm } = letterModel();
    const [result] = await llm.generate('hello', { logitBias: { [eos]: 100 }, minTokens: 3, maxTokens: 10 });
    expect(result!.tokenIds).toHaveLength(4);
    expect(result!.tokenIds.indexOf(eos)).toBe(3);
  });

  it('ends at a stop string, without it and without what comes after', async () => {
    const { llm } = letterModel();
    const [whole] = await llm.generate('hello', go);
    const stop = whole!.text.slice(4, 7);
    const [cut] = await llm.generate('hello', { ...go, stop: ['never there', stop] });
    expect(cut).toMatchObject({
      text: whole!.text.slice(0, whole!.text.indexOf(stop)),
      finishReason: 'stop',
      stopReason: stop,
    });
  });

  it('prints what was held back for a stop string that never came', async () => {
    const { llm } = letterModel();
    const [whole] = await llm.generate('hello', go);
    const [same] = await llm.generate('hello', { ...go, stop: `${whole!.text.slice(-2)}~` });
    expect(same).toMatchObject({ text: whole!.text, finishReason: 'length', stopReason: null });
  });

  it('ends where the context is full', async () => {
    const { llm } = letterModel({ maxModelLen: 10 });
    const [result] = await llm.generate('hello', { ignoreEos: true });
    expect(result).toMatchObject({ finishReason: 'length' });
    expect(result!.tokenIds).toHaveLength(5);
  });

  it('reports log-probabilities of drawn tokens and of the prompt', async () => {
    const { llm } = letterModel({ maxRows: 3 });
    const [result] = await llm.generate('hello', { maxTokens: 2, ignoreEos: true, logprobs: 2, promptLogprobs: 1 });
    const all = [...result!.promptTokenIds, ...result!.tokenIds];
    const expected = all.map((id, place) => logSoftmax(fakeLogits(all.slice(0, place), smallLimits.vocabSize))[id]!);
    const logprobs = [...result!.promptLogprobs!.slice(1), ...result!.logprobs!];
    expect(result!.promptLogprobs![0]).toBeNull();
    expect(logprobs.map((entry) => entry!.logprob)).toEqual(expected.slice(1));
    expect(logprobs.map((entry) => entry!.top.length)).toEqual([1, 1, 1, 1, 2, 2]);
    // Greedy: what was drawn is the likeliest.
    expect(result!.logprobs!.map(({ top }) => top[0]!.tokenId)).toEqual(result!.tokenIds);
  });

  it.each([
    ['an empty prompt', '', {}, 'prompt-empty'],
    ['a prompt as long as the context', 'a'.repeat(64), {}, 'prompt-too-long'],
    ['a token that is not in the vocabulary', [50], {}, 'prompt-invalid'],
    ['a parameter out of range', 'a', { temperature: -1 }, 'sampling-params-invalid'],
  ])('refuses %s before anything is computed', async (_, prompt, params, code) => {
    const { engine, llm } = letterModel();
    await expect(llm.generate(['fine', prompt], params)).rejects.toSatisfy((error) => codeOf(error) === code);
    expect(engine.steps).toEqual([]);
  });

  it('refuses more requests than may wait', async () => {
    const { llm } = letterModel({ maxSequences: 1 }, { maxWaiting: 1 });
    await expect(llm.generate(['a', 'b', 'c'])).rejects.toSatisfy((error) => codeOf(error) === 'queue-full');
    await expect(llm.generate(['a', 'b'], { maxTokens: 1 })).resolves.toHaveLength(2);
  });

  it('refuses what comes of logits that are no numbers, and goes on with the others', async () => {
    const { llm, engine } = letterModel();
    engine.isSpoilt = (tokens) => tokens[0] === 0 && tokens.length > 5;
    const refused = expect.objectContaining({
      code: 'weights-invalid',
      message: 'a weight is NaN',
      mend: 'Use others.',
    });
    const params = { ignoreEos: true, maxTokens: 8 };
    const spoilt = expect(llm.generate('abc', params)).rejects.toEqual(refused);
    const [sound] = await llm.generate('bcd', params);
    expect(sound?.tokenIds).toHaveLength(8);
    await spoilt;
    await expect(llm.score('abcdefgh')).rejects.toEqual(refused);
    // Not one that needs no such logits.
    expect((await llm.generate('ab', { maxTokens: 2 }))[0]?.tokenIds.length).toBeGreaterThan(0);
    expect(llm.statistics()).toMatchObject({ running: 0, waiting: 0 });
    await llm.close();
  });

  it("gives the engine's failure to everyone who waits", async () => {
    const { engine, llm } = letterModel();
    engine.duringStep = () => {
      throw new Error('device lost');
    };
    await expect(Promise.all([llm.generate('a'), llm.generate('b')])).rejects.toThrow('device lost');
    await expect(llm.generate('c')).rejects.toThrow('device lost');
  });
});

describe('chat', () => {
  it('answers a conversation through the template', async () => {
    const { llm } = letterModel();
    const messages = [{ role: 'user', content: 'hi' }];
    const result = await llm.chat(messages, { maxTokens: 3 });
    expect(result.promptTokenIds).toEqual([eos + 1, ...llm.tokenizer.encode('hi'), eos + 2]);
    const [same] = await llm.generate(messages, { maxTokens: 3 });
    expect(same!.tokenIds).toEqual(result.tokenIds);
  });

  it('passes on what the template refuses, with the first chunk', async () => {
    const { llm } = letterModel();
    const [good, bad] = ['user', 'nobody'].map((role) => ({ role, content: 'hi' }));
    const refused = { code: 'chat-template-invalid', message: expect.stringContaining('nobody speaks') };
    const stream = llm.stream([bad!]);
    await setTimeout(50);
    await expect(collect(stream)).rejects.toMatchObject(refused);
    await expect(llm.generate([[good!], [bad!]])).rejects.toMatchObject(refused);
    expect(() => llm.stream([good!], { temperature: -1 })).toThrow('temperature is -1');
  });
});

it('listens once to the signal of a call, and ends all of its prompts by it', async () => {
  const { engine, llm } = letterModel();
  const abort = new AbortController();
  engine.duringStep = (step) => step === 4 && abort.abort();
  const going = llm.generate(new Array(12).fill('hello'), go, { signal: abort.signal });
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
  for (const { finishReason } of await going) expect(finishReason).toBe('abort');
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
});

describe('score', () => {
  it('gives each token its log-probability after those before it', async () => {
    const { llm } = letterModel({ maxRows: 3 }, { prefillChunk: 7 });
    const tokens = llm.tokenizer.encode('thequickbrownfoxjumps');
    const { logprobs, perplexity, top } = await llm.score('thequickbrownfoxjumps', { top: 1 });
    const expected = tokens.map(
      (id, place) => logSoftmax(fakeLogits(tokens.slice(0, place), smallLimits.vocabSize))[id]!,
    );
    expect(logprobs).toEqual([null, ...expected.slice(1)]);
    expect(perplexity).toBeCloseTo(
      Math.exp(-expected.slice(1).reduce((sum, value) => sum + value, 0) / (tokens.length - 1)),
      12,
    );
    expect(top.map((entry) => entry?.length ?? null)).toEqual([null, ...tokens.slice(1).map(() => 1)]);
  });

  it('takes a text of one token and one as long as the context', async () => {
    const { llm } = letterModel();
    await expect(llm.score([3])).resolves.toMatchObject({ logprobs: [null], perplexity: null });
    const { logprobs } = await llm.score(Array.from({ length: 64 }, (_, place) => place % 47));
    expect(logprobs.filter((logprob) => logprob === null)).toHaveLength(1);
  });
});

describe('close', () => {
  it('ends what is under way, then closes the engine', async () => {
    const { engine, llm } = letterModel();
    const running = llm.generate('hello', { ignoreEos: true });
    engine.duringStep = (step) => {
      if (step === 3) void llm.close();
    };
    expect((await running)[0]!.finishReason).toBe('abort');
    await llm.close();
    expect(engine.isClosed).toBe(true);
    await expect(llm.generate('again')).rejects.toSatisfy((error) => codeOf(error) === 'llm-closed');
  });
});
