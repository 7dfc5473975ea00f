import { PassThrough } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { progress } from '../../bin/progress.ts';

afterEach(() => vi.unstubAllEnvs());

/** What a terminal of 20 columns, or a pipe, is sent. */
function sent(isTTY: boolean, use: (status: ReturnType<typeof progress>) => void): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 20 });
  use(progress(stream));
  return String(stream.read() ?? '');
}

it('rewrites one line of a terminal, cut to its width, and takes it away', () => {
  vi.stubEnv('NO_COLOR', '1');
  const text = sent(true, (status) => {
    status.say('compiling 12 kernels with g++');
    status.clear();
    status.clear();
  });
  expect(text).toBe('\r\x1b[2Kcompiling 12 kernel\r\x1b[2K');
});

it('is silent in a pipe', () => {
  expect(sent(false, (status) => status.say('compiling'))).toBe('');
});
