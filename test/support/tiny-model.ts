/** The embedded checkpoint and what transformers says of it (models/tiny/README.md states the tolerances). */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChatMessage } from '../../runtime/chat-template.ts';

export const tinyModel = fileURLToPath(new URL('../../models/tiny', import.meta.url));

/** A token sequence with the log-probability of each token given those before it; the first has none. */
export interface ScoredSequence {
  readonly ids: readonly number[];
  readonly logprobs: readonly (number | null)[];
}

export interface GreedyChat {
  readonly messages: readonly ChatMessage[];
  readonly prompt: string;
  readonly prompt_ids: readonly number[];
  readonly output_ids: readonly number[];
  readonly text: string;
  /** Best logit less the second, for each token of the output. */
  readonly margins: readonly number[];
}

export interface Question {
  readonly messages: readonly ChatMessage[];
  readonly right: string;
}

export const scoredSequences: readonly ScoredSequence[] = golden('score');
export const greedyChats: readonly GreedyChat[] = golden('greedy');
export const questions: readonly Question[] = golden('questions');

function golden<T>(name: string): T {
  const path = fileURLToPath(new URL(`../../models/tiny/reference/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The embedded tokenizer (2048 tokens) in another checkpoint's folder. */
export function copyTokenizer(directory: string): void {
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(tinyModel, file), join(directory, file));
}
