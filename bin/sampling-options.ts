/** The sampling parameters as options of a command, and back. Names and meanings are vLLM's. */
import type { Options } from 'yargs';
import type { SamplingParams } from '../index.ts';
import { given } from './options.ts';

const group = 'Sampling (where not given, the checkpoint decides)';
const number = (describe: string) => ({ type: 'number', requiresArg: true, describe, group }) as const;

export const samplingOptions = {
  'max-tokens': number('Tokens to generate at most'),
  temperature: number('0 always takes the likeliest token'),
  'top-k': number('Draw from the k likeliest tokens (0: all)'),
  'top-p': number('Draw from the likeliest tokens that together hold this share'),
  'min-p': number('Drop tokens below this share of the likeliest one’s probability'),
  seed: number('The same seed draws the same text'),
  'repetition-penalty': number('Above 1 disfavours tokens of the prompt and the text so far'),
  'presence-penalty': number('Above 0 disfavours tokens that the text has'),
  'frequency-penalty': number('Above 0 disfavours tokens by how often the text has them'),
  stop: { type: 'string', array: true, requiresArg: true, describe: 'End before this text (repeatable)', group },
  'ignore-eos': { type: 'boolean', describe: 'Go on past the end-of-text token', group },
} as const satisfies Record<string, Options>;

const names = [
  'maxTokens',
  'temperature',
  'topK',
  'topP',
  'minP',
  'seed',
  'repetitionPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'stop',
  'ignoreEos',
] as const;

type SamplingName = (typeof names)[number];

/** The parameters that were given; the rest is left to the checkpoint's generation_config.json. */
export function samplingParams(
  args: { readonly [Name in SamplingName]?: SamplingParams[Name] | undefined },
): SamplingParams {
  return given(Object.fromEntries(names.map((name) => [name, args[name]])));
}
