/** Sampling parameters: vLLM's names in camelCase, checked together before a request is made. */
import { randomInt } from 'node:crypto';
import { type Problem, throwProblems } from './errors.ts';
import type { GenerationDefaults } from './generation-config.ts';
import { describe } from './json-file.ts';

/** vLLM's names and meanings, OpenAI's where both have one. What is left out is taken from the checkpoint's generation_config.json, else it is off. */
export interface SamplingParams {
  /** What logits are divided by, from 0 on; 0: the likeliest token, always. Default of the checkpoint, else 1. */
  readonly temperature?: number;
  /** Keep the likeliest tokens that hold this share of the probability, in (0, 1] (Holtzman et al., 2019). */
  readonly topP?: number;
  /** Keep this many of the likeliest tokens (Fan et al., 2018); 0: all. */
  readonly topK?: number;
  /** Drop tokens less likely than this share of the likeliest one, in [0, 1] (Nguyen et al., 2024). */
  readonly minP?: number;
  /** Tokens to draw at most, from 1 on; without it, until the context is full. */
  readonly maxTokens?: number;
  /** Tokens before which no stop token is drawn and no stop string looked for. */
  readonly minTokens?: number;
  /** Texts that end the output; they are not part of it. */
  readonly stop?: string | readonly string[];
  /** Ids of tokens that end the output, beside the checkpoint's own. */
  readonly stopTokenIds?: readonly number[];
  /** 32 bits, in [-2^31, 2^32). The same seed gives the same text, whatever else is in the batch; drawn at random where it is left out. */
  readonly seed?: number;
  /** Subtracted from the logit of a token that the output has, in [-2, 2]. */
  readonly presencePenalty?: number;
  /** Subtracted once for each time that the output has the token, in [-2, 2]. */
  readonly frequencyPenalty?: number;
  /** Above 0: divides positive and multiplies negative logits of tokens that prompt or output have (Keskar et al., 2019); 1: off. */
  readonly repetitionPenalty?: number;
  /** Added to the logits of these token ids, in [-100, 100]. */
  readonly logitBias?: Readonly<Record<number, number>>;
  /** Report the log-probability of each drawn token, and this many of the likeliest beside it. */
  readonly logprobs?: number;
  /** The same for the tokens of the prompt; the first has none. */
  readonly promptLogprobs?: number;
  /** Go on past the checkpoint's end-of-text token. */
  readonly ignoreEos?: boolean;
}

/** Sampling parameters with nothing left open; null: not asked for. */
export interface ResolvedSamplingParams {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly maxTokens: number;
  readonly minTokens: number;
  readonly stop: readonly string[];
  /** The checkpoint's end-of-text tokens are among them unless they are ignored. */
  readonly stopTokenIds: ReadonlySet<number>;
  /** An i32. */
  readonly seed: number;
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  readonly repetitionPenalty: number;
  readonly logitBias: ReadonlyMap<number, number>;
  readonly logprobs: number | null;
  readonly promptLogprobs: number | null;
}

interface SamplingLimits {
  readonly vocabSize: number;
  readonly topCount: number;
}

/** Throws `sampling-params-invalid` with everything that is wrong. */
export function resolveSamplingParams(
  params: SamplingParams,
  defaults: GenerationDefaults,
  limits: SamplingLimits,
): ResolvedSamplingParams {
  throwProblems(checkSamplingParams(params, limits));
  const stop = params.stop ?? [];
  const eosTokenIds = params.ignoreEos ? [] : defaults.eosTokenIds;
  return {
    temperature: params.temperature ?? defaults.temperature ?? 1,
    topP: params.topP ?? defaults.topP ?? 1,
    topK: params.topK ?? defaults.topK ?? 0,
    minP: params.minP ?? defaults.minP ?? 0,
    maxTokens: params.maxTokens ?? Number.POSITIVE_INFINITY,
    minTokens: params.minTokens ?? 0,
    stop: typeof stop === 'string' ? [stop] : stop,
    stopTokenIds: new Set([...eosTokenIds, ...(params.stopTokenIds ?? [])]),
    seed: (params.seed ?? randomInt(2 ** 32)) | 0,
    presencePenalty: params.presencePenalty ?? 0,
    frequencyPenalty: params.frequencyPenalty ?? 0,
    repetitionPenalty: params.repetitionPenalty ?? defaults.repetitionPenalty ?? 1,
    logitBias: new Map(Object.entries(params.logitBias ?? {}).map(([id, bias]) => [Number(id), bias])),
    logprobs: params.logprobs ?? null,
    promptLogprobs: params.promptLogprobs ?? null,
  };
}

type Check = (value: unknown, limits: SamplingLimits) => boolean;

/** What each parameter may be, in words and as a check. */
const rules: { readonly [Key in keyof Required<SamplingParams>]: readonly [string, Check] } = {
  temperature: ['a number from 0 on', (value) => isNumber(value, 0, Number.MAX_VALUE)],
  topP: ['a number above 0 and up to 1', (value) => isNumber(value, Number.MIN_VALUE, 1)],
  topK: ['a whole number from 0 (off) on', (value) => isWhole(value, 0, 2 ** 31 - 1)],
  minP: ['a number from 0 to 1', (value) => isNumber(value, 0, 1)],
  maxTokens: ['a whole number from 1 on', (value) => isWhole(value, 1, Number.MAX_SAFE_INTEGER)],
  minTokens: ['a whole number from 0 on', (value) => isWhole(value, 0, Number.MAX_SAFE_INTEGER)],
  stop: ['a text or a list of texts, none empty', (value) => (Array.isArray(value) ? value : [value]).every(isText)],
  stopTokenIds: [
    'a list of token ids of the vocabulary',
    (value, { vocabSize }) => Array.isArray(value) && value.every((id) => isWhole(id, 0, vocabSize - 1)),
  ],
  seed: ['a whole number of 32 bits', (value) => isWhole(value, -(2 ** 31), 2 ** 32 - 1)],
  presencePenalty: ['a number from -2 to 2', (value) => isNumber(value, -2, 2)],
  frequencyPenalty: ['a number from -2 to 2', (value) => isNumber(value, -2, 2)],
  repetitionPenalty: ['a number above 0', (value) => isNumber(value, Number.MIN_VALUE, Number.MAX_VALUE)],
  logitBias: ['an object of token ids of the vocabulary to numbers from -100 to 100', isLogitBias],
  logprobs: ['a whole number from 0 to what the engine reports', (value, { topCount }) => isWhole(value, 0, topCount)],
  promptLogprobs: [
    'a whole number from 0 to what the engine reports',
    (value, { topCount }) => isWhole(value, 0, topCount),
  ],
  ignoreEos: ['true or false', (value) => typeof value === 'boolean'],
};

/** Everything wrong with the parameters; nothing is changed or clamped. */
export function checkSamplingParams(params: SamplingParams, limits: SamplingLimits): Problem[] {
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof SamplingParams] : undefined;
    if (!rule)
      problems.push(problem(`${key} is no sampling parameter.`, `Known are ${Object.keys(rules).join(', ')}.`));
    else if (!rule[1](value, limits)) {
      problems.push(problem(`${key} is ${shown(value)}.`, `Give ${rule[0]} for ${key}.`));
    }
  }
  const { minTokens = 0, maxTokens = Number.POSITIVE_INFINITY } = params;
  if (problems.length === 0 && minTokens > maxTokens) {
    problems.push(
      problem(`minTokens, ${minTokens}, is above maxTokens, ${maxTokens}.`, 'Lower the one or raise the other.'),
    );
  }
  return problems;
}

function isLogitBias(value: unknown, { vocabSize }: SamplingLimits): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([id, bias]) => isWhole(Number(id), 0, vocabSize - 1) && isNumber(bias, -100, 100),
  );
}

function isNumber(value: unknown, low: number, high: number): boolean {
  return typeof value === 'number' && value >= low && value <= high;
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return Number.isInteger(value) && isNumber(value, low, high);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? describe(value)).slice(0, 80);
}

function problem(message: string, mend: string): Problem {
  return { code: 'sampling-params-invalid', message, mend };
}
