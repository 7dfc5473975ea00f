/** What a run cost, in one line on stderr. */
import type { Statistics } from '../index.ts';
import { colorsFor } from './colors.ts';

/** `firstTextMs`: milliseconds from the start of the process to the first text, where it was streamed. */
export function printStatistics(statistics: Statistics, firstTextMs: number | null): void {
  process.stderr.write(`${colorsFor(process.stderr).dim(statisticsLine(statistics, firstTextMs))}\n`);
}

export function statisticsLine(statistics: Statistics, firstTextMs: number | null): string {
  const { prefillTokens, prefillTokensPerSecond, decodeTokens, decodeTokensPerSecond, cachedTokens } = statistics;
  const parts = [
    `${prefillTokens} prompt tokens${rate(prefillTokensPerSecond)}`,
    cachedTokens > 0 ? `${cachedTokens} from the prefix cache` : '',
    `${decodeTokens} decoded${rate(decodeTokensPerSecond)}`,
    firstTextMs === null ? '' : `first text ${(firstTextMs / 1000).toFixed(2)} s after the start`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function rate(tokensPerSecond: number | null): string {
  return tokensPerSecond === null ? '' : ` (${Math.round(tokensPerSecond).toLocaleString('en')}/s)`;
}
