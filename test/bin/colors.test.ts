import { afterEach, expect, it, vi } from 'vitest';
import { colorsFor } from '../../bin/colors.ts';

afterEach(() => vi.unstubAllEnvs());

it('colours a terminal', () => {
  vi.stubEnv('NO_COLOR', '');
  expect(colorsFor({ isTTY: true }).red('x')).toBe('\x1b[31mx\x1b[39m');
});

it('not a pipe, on a machine that runs tests neither, and not where NO_COLOR is set', () => {
  vi.stubEnv('NO_COLOR', '');
  vi.stubEnv('CI', 'true');
  expect(colorsFor({}).red('x')).toBe('x');
  expect(colorsFor({ isTTY: false }).red('x')).toBe('x');
  vi.stubEnv('NO_COLOR', '1');
  expect(colorsFor({ isTTY: true }).red('x')).toBe('x');
});
