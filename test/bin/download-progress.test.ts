import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { downloadProgress } from '../../bin/download-progress.ts';
import type { DownloadEvent } from '../../index.ts';

beforeEach(() => vi.stubEnv('NO_COLOR', '1'));
afterEach(() => vi.unstubAllEnvs());

const events: readonly DownloadEvent[] = [
  { kind: 'note', text: 'Another process is fetching.' },
  { kind: 'begin', repository: 'a/b', files: ['x', 'y'], totalBytes: 2_000_000, presentBytes: 500_000 },
  { kind: 'progress', file: 'x', receivedBytes: 500_000 },
  { kind: 'progress', file: 'y', receivedBytes: 1_000_000 },
  { kind: 'file', file: 'y', sizeBytes: 1_000_000 },
  { kind: 'note', text: 'x broke off. Trying again in 1 s.' },
  { kind: 'end' },
];

/** What a terminal or a pipe is sent. */
async function sent(isTTY: boolean, shown = events): Promise<string> {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const clear = vi.fn();
  const onDownload = await downloadProgress({ say: () => {}, clear }, stream);
  for (const event of shown) onDownload(event);
  expect(clear).toHaveBeenCalled();
  return String(stream.read() ?? '');
}

it('writes a line a file into a pipe, and the notes', async () => {
  expect(await sent(false)).toBe(
    'Another process is fetching.\nfetched y of a/b (1.0 MB)\nx broke off. Trying again in 1 s.\n',
  );
});

it('draws a bar over all files on a terminal, and lines above it', async () => {
  const text = await sent(true);
  expect(text).toMatch(/a\/b \[[^\]]+\] 25% of 2\.0 MB/);
  expect(text).toContain('\r\x1b[2Kfetched y of a/b (1.0 MB)\n');
  expect(text).toContain('\r\x1b[2Kx broke off. Trying again in 1 s.\n');
  // A cursor that is hidden and lines that do not wrap would stay so after a kill.
  for (const mode of ['\x1b[?25l', '\x1b[?7l']) expect(text).not.toContain(mode);
});

it('an end without a beginning draws nothing', async () => {
  expect(await sent(true, [events[0]!, { kind: 'end' }])).toBe('\r\x1b[2KAnother process is fetching.\n');
});
