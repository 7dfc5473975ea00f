import { describe, expect, it } from 'vitest';
import { countTokens, evaluate, penalize, sample, topLogprobs, topTokens } from '../../../dsl/index.ts';
import { filteredLogits, penaltyInputs } from './sampling.ts';

const logits = [0.5, 2, -1, 1.5, 0, -3, 1, 2.5];
const V = logits.length;

describe('sample', () => {
  it('draws tokens as often as their probabilities say', () => {
    const draws = 4000;
    const filtered = filteredLogits(logits, { temperature: 0.8, top_p: 0.95 });
    const counts = new Array<number>(V).fill(0);
    const x = Array.from({ length: draws }, () => filtered).flat();
    const { token } = evaluate(sample, {
      dims: { R: draws, V },
      inputs: {
        x,
        temperature: new Array(draws).fill(0.8),
        seed: new Array(draws).fill(7),
        position: Array.from({ length: draws }, (_, r) => r),
      },
    });
    for (const id of token) counts[id] = (counts[id] ?? 0) + 1;
    const total = filtered.reduce((sum, value) => sum + Math.exp(value), 0);
    const kept = filtered
      .map((value, v) => ({ v, expected: (draws * Math.exp(value)) / total }))
      .filter(({ expected }) => expected > 0);
    expect(kept.length).toBeLessThan(V);
    const chiSquare = kept.reduce((sum, { v, expected }) => sum + ((counts[v] ?? 0) - expected) ** 2 / expected, 0);
    // The 99.9% quantile of chi-square with 4 degrees of freedom; draws are fixed by the seed.
    expect(kept).toHaveLength(5);
    expect(chiSquare).toBeLessThan(18.47);
    expect(kept.reduce((sum, { v }) => sum + (counts[v] ?? 0), 0)).toBe(draws);
  });

  it('is greedy at temperature 0 whatever the seed, and draws the same in any row of a batch', () => {
    const row = (temperature: number, seed: number, position: number) => ({ temperature, seed, position });
    const rows = [row(0, 1, 1), row(1, 5, 9), row(0, 2, 3), row(1, 5, 9)];
    const { token } = evaluate(sample, {
      dims: { R: 4, V },
      inputs: {
        x: rows.flatMap(() => logits),
        temperature: rows.map((r) => r.temperature),
        seed: rows.map((r) => r.seed),
        position: rows.map((r) => r.position),
      },
    });
    expect([token[0], token[2]]).toEqual([7, 7]);
    expect(token[1]).toBe(token[3]);
  });
});

describe('filters', () => {
  const kept = (attrs: Record<string, number>) =>
    filteredLogits(logits, attrs).flatMap((x, v) => (x === -Infinity ? [] : [v]));

  it('keep all where they are off', () => {
    expect(kept({ top_k: 0, top_p: 1, min_p: 0 })).toHaveLength(V);
    expect(kept({ top_k: V + 5 })).toHaveLength(V);
  });

  it('keep the largest, never less than one', () => {
    expect(kept({ top_k: 3 })).toEqual([1, 3, 7]);
    expect(kept({ top_k: 1 })).toEqual([7]);
    expect(kept({ top_p: 1e-9 })).toEqual([7]);
    expect(kept({ min_p: 1 })).toEqual([7]);
  });

  it('stay finite from temperature 0.01 to 10 on large logits', () => {
    const large = logits.map((x) => 1000 * x);
    for (const temperature of [0, 0.01, 10]) {
      const scaled = filteredLogits(large, { temperature });
      expect(Math.max(...scaled)).toBe(0);
      expect(scaled.some(Number.isNaN)).toBe(false);
    }
  });
});

describe('penalize', () => {
  it('reads no state for rows that do not use it', () => {
    const inputs = { ...penaltyInputs(logits, [1], { repetition_penalty: 2 }), usePenalties: [0], stateRow: [99] };
    expect([...evaluate(penalize, { dims: { R: 1, S: 2, V }, inputs }).y]).toEqual(logits);
  });

  it('adds the bias first, and counts the prompt for repetition only', () => {
    const inputs = penaltyInputs(logits, [], { repetition_penalty: 2, presence_penalty: 1, frequency_penalty: 1 });
    inputs.promptSeen[V + 1] = 1;
    inputs.logitBias[V + 1] = -3;
    inputs.logitBias[V + 4] = 0.25;
    const { y } = evaluate(penalize, { dims: { R: 1, S: 2, V }, inputs });
    expect([y[1], y[4], y[0]]).toEqual([-2, 0.25, 0.5]);
  });
});

describe('countTokens', () => {
  it('counts in the row of the sequence, and skips rows without penalties', () => {
    const { outputCounts } = evaluate(countTokens, {
      dims: { R: 3, S: 2, V: 3 },
      inputs: { token: [2, 0, 2], stateRow: [1, 99, 0], usePenalties: [1, 0, 1], outputCounts: [0, 0, 4, 0, 0, 5] },
    });
    expect([...outputCounts]).toEqual([0, 0, 5, 0, 0, 6]);
  });
});

describe('topTokens', () => {
  it('lists the largest logits with their log-probabilities', () => {
    const { ids } = evaluate(topTokens, { dims: { R: 1, V, N: 3 }, inputs: { logits } });
    expect([...ids]).toEqual([7, 1, 3]);
    const { logprobs } = evaluate(topLogprobs, { dims: { R: 1, V, N: 3 }, inputs: { logits, normalizer: [3], ids } });
    expect([...logprobs]).toEqual([-0.5, -1, -1.5]);
  });
});
