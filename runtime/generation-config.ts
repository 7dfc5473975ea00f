/** What a checkpoint says about sampling when the caller does not: generation_config.json, and where a text ends. */
import { join } from 'node:path';
import { type Problem, throwProblems } from './errors.ts';
import { describe, type Json, type JsonObject, readJsonObject } from './json-file.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Null where the file says nothing. */
export interface GenerationDefaults {
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly minP: number | null;
  readonly repetitionPenalty: number | null;
  /** Drawing one of these ends a text. */
  readonly eosTokenIds: readonly number[];
}

export const noGenerationDefaults: GenerationDefaults = {
  temperature: null,
  topP: null,
  topK: null,
  minP: null,
  repetitionPenalty: null,
  eosTokenIds: [],
};

/**
 * The end of text is that of generation_config.json, else of config.json, else the tokenizer's. It may be a row of the model that
 * the tokenizer has no token for, since vocabularies are padded; a row that is not there is never drawn, and texts would not end.
 * `bos_token_id` and `pad_token_id` are not read: the tokenizer puts the one, and batches have no padding. Throws `config-invalid`.
 */
export async function loadGenerationDefaults(
  directory: string,
  config: JsonObject,
  tokenizer: Tokenizer,
): Promise<GenerationDefaults> {
  const path = join(directory, 'generation_config.json');
  const json = (await readJsonObject(path)) ?? {};
  const problems: Problem[] = [];
  const numberOf = (key: string, low: number, high: number, form: 'number' | 'whole number' = 'number') => {
    const value = json[key];
    if (value === undefined || value === null) return null;
    const isOfForm = typeof value === 'number' && (form === 'number' || Number.isInteger(value));
    if (isOfForm && value >= low && value <= high) return value;
    const range = low === Number.MIN_VALUE ? `above 0 and up to ${high}` : `from ${low} to ${high}`;
    problems.push(problem(path, key, `a ${form} ${range}`, value));
    return null;
  };
  const vocabSize = typeof config.vocab_size === 'number' ? config.vocab_size : Number.POSITIVE_INFINITY;
  const eosOf = (object: JsonObject, file: string): readonly number[] | null => {
    const value = object.eos_token_id;
    if (value === undefined || value === null) return null;
    const ids = Array.isArray(value) ? value : [value];
    const stranger = ids.find((id) => !(Number.isInteger(id) && Number(id) >= 0 && Number(id) < vocabSize));
    if (stranger === undefined) return ids.map(Number);
    const bound = vocabSize === Number.POSITIVE_INFINITY ? '' : ` below vocab_size, ${vocabSize},`;
    problems.push(problem(file, 'eos_token_id', `a token id${bound} or a list of them`, stranger));
    return null;
  };

  const defaults: GenerationDefaults = {
    // A checkpoint that says not to sample means the likeliest token.
    temperature: json.do_sample === false ? 0 : numberOf('temperature', 0, 100),
    topP: numberOf('top_p', 0, 1),
    topK: numberOf('top_k', 0, 2 ** 31 - 1, 'whole number'),
    minP: numberOf('min_p', 0, 1),
    repetitionPenalty: numberOf('repetition_penalty', Number.MIN_VALUE, 100),
    eosTokenIds: eosOf(json, path) ?? eosOf(config, join(directory, 'config.json')) ?? eosOfTokenizer(tokenizer),
  };
  throwProblems(problems);
  return defaults;
}

function eosOfTokenizer(tokenizer: Tokenizer): readonly number[] {
  const { eos_token: token } = tokenizer.specialTokens;
  const id = token === undefined ? null : tokenizer.idOf(token);
  return id === null ? [] : [id];
}

function problem(path: string, key: string, expected: string, found: Json): Problem {
  return {
    code: 'config-invalid',
    message: `${path} has ${describe(found)} for ${key}, where ${expected} belongs.`,
    mend: `Correct or remove ${key} in that file.`,
  };
}
