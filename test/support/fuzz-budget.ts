/** How long fuzzers run: a bounded number of cases in every test run, by WARPSMITH_FUZZ_SECONDS as long as it says. */
import type { Parameters } from 'fast-check';

export const fuzzSeconds = Number(process.env.WARPSMITH_FUZZ_SECONDS ?? 0);

/** `share`: of the seconds, for a file that has several fuzzers. The seed is a day's, or that of the moment. */
export function budget(runs: number, share = 1): Parameters<unknown> {
  return fuzzSeconds > 0
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: fuzzSeconds * share * 1000, seed: Date.now() }
    : { numRuns: runs, interruptAfterTimeLimit: 20_000, seed: 20261126 };
}
