import { describe, expect, it } from 'vitest';
import { noGenerationDefaults } from '../../runtime/generation-config.ts';
import { checkSamplingParams, resolveSamplingParams, type SamplingParams } from '../../runtime/sampling-params.ts';

const limits = { vocabSize: 100, topCount: 20 };

describe('resolveSamplingParams', () => {
  it("takes what is given, then the checkpoint's defaults, then leaves it off", () => {
    const defaults = { ...noGenerationDefaults, temperature: 0.7, topP: 0.9, eosTokenIds: [2] };
    expect(
      resolveSamplingParams({ temperature: 0.2, seed: 5, stop: '.', logitBias: { 7: -1 } }, defaults, limits),
    ).toEqual({
      temperature: 0.2,
      topP: 0.9,
      topK: 0,
      minP: 0,
      maxTokens: Number.POSITIVE_INFINITY,
      minTokens: 0,
      stop: ['.'],
      stopTokenIds: new Set([2]),
      seed: 5,
      presencePenalty: 0,
      frequencyPenalty: 0,
      repetitionPenalty: 1,
      logitBias: new Map([[7, -1]]),
      logprobs: null,
      promptLogprobs: null,
    });
    expect(resolveSamplingParams({}, noGenerationDefaults, limits).temperature).toBe(1);
  });

  it("goes on past the end of text when asked to, not past the caller's own stops", () => {
    const defaults = { ...noGenerationDefaults, eosTokenIds: [2] };
    const { stopTokenIds } = resolveSamplingParams({ ignoreEos: true, stopTokenIds: [9] }, defaults, limits);
    expect([...stopTokenIds]).toEqual([9]);
  });

  it('draws a seed for each request, and keeps 32 bits of a given one', () => {
    const seeds = Array.from({ length: 20 }, () => resolveSamplingParams({}, noGenerationDefaults, limits).seed);
    expect(new Set(seeds).size).toBeGreaterThan(15);
    expect(resolveSamplingParams({ seed: 2 ** 32 - 1 }, noGenerationDefaults, limits).seed).toBe(-1);
  });
});

describe('checkSamplingParams', () => {
  it.each<[SamplingParams]>([
    [{}],
    [{ temperature: 0, topP: 1, topK: 0, minP: 1, maxTokens: 1, minTokens: 1, stop: [], seed: -(2 ** 31) }],
    [
      {
        stopTokenIds: [0, 99],
        presencePenalty: -2,
        frequencyPenalty: 2,
        repetitionPenalty: 0.5,
        logprobs: 20,
        promptLogprobs: 0,
      },
    ],
  ])('accepts %o', (params) => {
    expect(checkSamplingParams(params, limits)).toEqual([]);
  });

  it.each<[string, SamplingParams]>([
    ['temperature', { temperature: -0.1 }],
    ['temperature', { temperature: Number.NaN }],
    ['temperature', { temperature: Number.POSITIVE_INFINITY }],
    ['topP', { topP: 0 }],
    ['topP', { topP: 1.1 }],
    ['topK', { topK: -1 }],
    ['topK', { topK: 1.5 }],
    ['minP', { minP: -0.1 }],
    ['maxTokens', { maxTokens: 0 }],
    ['minTokens', { minTokens: -1 }],
    ['minTokens', { minTokens: 3, maxTokens: 2 }],
    ['stop', { stop: '' }],
    ['stop', { stop: ['a', ''] }],
    ['stopTokenIds', { stopTokenIds: [100] }],
    ['seed', { seed: 2 ** 32 }],
    ['presencePenalty', { presencePenalty: 2.1 }],
    ['frequencyPenalty', { frequencyPenalty: Number.NaN }],
    ['repetitionPenalty', { repetitionPenalty: 0 }],
    ['logitBias', { logitBias: { 100: 1 } }],
    ['logitBias', { logitBias: { 1: 101 } }],
    ['logprobs', { logprobs: 21 }],
    ['promptLogprobs', { promptLogprobs: -1 }],
  ])('refuses %s in %o', (name, params) => {
    const problems = checkSamplingParams(params, limits);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toMatch(new RegExp(`^${name}[ ,]`));
    expect(problems[0]!.mend).not.toBe('');
  });

  it('refuses a name that it does not know, with those it knows', () => {
    const params = { max_tokens: 5 } as SamplingParams;
    expect(checkSamplingParams(params, limits)).toMatchObject([
      {
        code: 'sampling-params-invalid',
        message: 'max_tokens is no sampling parameter.',
        mend: expect.stringContaining('maxTokens'),
      },
    ]);
  });

  it('reports all mistakes at once', () => {
    expect(() => resolveSamplingParams({ topP: 2, topK: -1 }, noGenerationDefaults, limits)).toThrow(
      /topP is 2\.\ntopK is -1\./,
    );
  });
});
