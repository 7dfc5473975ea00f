import { expect, it } from 'vitest';
import { samplingOptions, samplingParams } from '../../bin/sampling-options.ts';
import { checkSamplingParams } from '../../runtime/sampling-params.ts';

it('passes on what was given and leaves the rest to the checkpoint', () => {
  expect(samplingParams({ temperature: 0, topK: undefined, stop: ['\n'] })).toEqual({
    temperature: 0,
    stop: ['\n'],
  });
});

it('every option is a parameter that the runtime knows', () => {
  const camelCase = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const given = Object.fromEntries(Object.keys(samplingOptions).map((name) => [camelCase(name), 1]));
  const params = { ...given, stop: ['x'], ignoreEos: true };
  expect(samplingParams(params)).toEqual(params);
  expect(checkSamplingParams(params, { vocabSize: 8, topCount: 1 })).toEqual([]);
});
