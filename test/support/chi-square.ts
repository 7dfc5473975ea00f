/** Pearson's chi-square of counts against probabilities. */

export interface ChiSquare {
  readonly statistic: number;
  /** What one such test of a thousand exceeds by chance. */
  readonly limit: number;
}

/** Outcomes expected fewer than 5 times are counted together. An outcome of probability 0 that occurs makes it infinite. */
export function chiSquare(counts: readonly number[], probabilities: readonly number[]): ChiSquare {
  const draws = counts.reduce((sum, count) => sum + count, 0);
  const outcomes = counts.map((count, i) => ({ count, expected: draws * (probabilities[i] ?? 0) }));
  const rare = outcomes.filter(({ expected }) => expected < 5);
  const together = {
    count: rare.reduce((sum, { count }) => sum + count, 0),
    expected: rare.reduce((sum, { expected }) => sum + expected, 0),
  };
  const bins = [...outcomes.filter(({ expected }) => expected >= 5), together].filter(
    ({ count, expected }) => count > 0 || expected > 0,
  );
  const statistic = bins.reduce((sum, { count, expected }) => sum + (count - expected) ** 2 / expected, 0);
  const impossible = outcomes.some(({ count, expected }) => expected === 0 && count > 0);
  return {
    statistic: impossible ? Number.POSITIVE_INFINITY : statistic,
    limit: quantile(Math.max(bins.length - 1, 1)),
  };
}

/** The 99.9% quantile (Wilson and Hilferty, 1931). */
function quantile(degrees: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + 3.0902 * Math.sqrt(spread)) ** 3;
}
