/** A download on stderr: what has come and, on a terminal, a bar below it. */
import type { DownloadEvent } from '../index.ts';
import { colorsFor } from './colors.ts';
import type { Progress } from './progress.ts';

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** `status` is the line of what else is done, which makes room. */
export async function downloadProgress(
  status: Progress,
  stream: Stream = process.stderr,
): Promise<(event: DownloadEvent) => void> {
  const { formatBytes } = await import('../index.ts');
  const bar = stream.isTTY ? await totalBar(stream, formatBytes) : null;
  let repository = '';
  const writeLine = (text: string) => {
    status.clear();
    // The bar draws itself again below.
    stream.write(`${bar === null ? '' : '\r\x1b[2K'}${colorsFor(stream).dim(text)}\n`);
  };
  return (event) => {
    switch (event.kind) {
      case 'begin':
        repository = event.repository;
        status.clear();
        bar?.begin(event);
        return;
      case 'progress':
        bar?.progress(event.file, event.receivedBytes);
        return;
      case 'file':
        writeLine(`fetched ${event.file} of ${repository} (${formatBytes(event.sizeBytes)})`);
        return;
      case 'note':
        writeLine(event.text);
        return;
      case 'end':
        bar?.end();
    }
  };
}

/** One bar over all files that are fetched together. */
async function totalBar(stream: Stream, formatBytes: (bytes: number) => string) {
  const { SingleBar } = (await import('cli-progress')).default;
  const bar = new SingleBar({
    stream,
    format: '{repository} [{bar}] {percentage}% of {size}, {rate}/s, {eta_formatted} left',
    barsize: 24,
    // What a terminal is told besides the line would outlast a kill.
    linewrap: true,
    clearOnComplete: true,
    forceRedraw: true,
  });
  const received = new Map<string, number>();
  let isShown = false;
  let present = 0;
  let startMs = 0;
  return {
    begin({ repository, totalBytes, presentBytes }: DownloadEvent & { readonly kind: 'begin' }): void {
      received.clear();
      present = presentBytes;
      startMs = performance.now();
      isShown = true;
      bar.start(Math.max(1, totalBytes), presentBytes, { repository, size: formatBytes(totalBytes), rate: '0 B' });
    },
    progress(file: string, bytes: number): void {
      received.set(file, bytes);
      const sum = [...received.values()].reduce((total, each) => total + each, 0);
      const seconds = Math.max(0.1, (performance.now() - startMs) / 1_000);
      bar.update(sum, { rate: formatBytes(Math.max(0, Math.round((sum - present) / seconds))) });
    },
    end(): void {
      if (isShown) bar.stop();
      isShown = false;
    },
  };
}
