/** A model's engine against the reference that lies with its checkpoint: log-probabilities by transformers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LLM } from '../index.ts';

/** In a checkpoint's folder: sequences of token ids with the log-probability of each token given those before it. */
const REFERENCE_FILE = 'reference/score.json';

export interface ModelReport {
  readonly checkpoint: string;
  readonly elements: string;
  readonly tokens: number;
  readonly meanGap: number;
  readonly largestGap: number;
  /** What was outside of its bound; empty where all is well. */
  readonly failures: readonly string[];
}

/** How far log-probabilities may be from those of transformers in f32, by the type an engine computes in. */
const bounds = {
  bf16: { mean: 0.006, largest: 0.15 },
  f16: { mean: 0.006, largest: 0.15 },
  f32: { mean: 0.001, largest: 0.001 },
} as const;

export type ModelElements = keyof typeof bounds;

interface ScoredSequence {
  readonly ids: readonly number[];
  readonly logprobs: readonly (number | null)[];
}

export function hasReference(checkpoint: string): boolean {
  return existsSync(join(checkpoint, REFERENCE_FILE));
}

export async function verifyModel(llm: LLM, checkpoint: string, elements: ModelElements): Promise<ModelReport> {
  const sequences: readonly ScoredSequence[] = JSON.parse(readFileSync(join(checkpoint, REFERENCE_FILE), 'utf8'));
  const gaps: number[] = [];
  for (const { ids, logprobs } of sequences) {
    const scored = await llm.score(ids);
    for (const [place, expected] of logprobs.entries())
      if (expected !== null) gaps.push(Math.abs(expected - (scored.logprobs[place] ?? Number.NaN)));
  }
  const meanGap = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const largestGap = gaps.reduce((largest, gap) => (gap > largest || Number.isNaN(gap) ? gap : largest), 0);
  const { mean, largest } = bounds[elements];
  const failures = [
    ...(meanGap <= mean ? [] : [`log-probabilities are off by ${meanGap.toPrecision(3)} on average, at most ${mean}`]),
    ...(largestGap <= largest
      ? []
      : [`one log-probability is off by ${largestGap.toPrecision(3)}, at most ${largest}`]),
  ];
  return { checkpoint, elements, tokens: gaps.length, meanGap, largestGap, failures };
}
