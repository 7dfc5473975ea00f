/** One line on stderr that says what is being done; nothing where stderr is no terminal. */
import { colorsFor } from './colors.ts';

export interface Progress {
  /** Replaces the line. */
  say(text: string): void;
  /** Removes the line, so that what follows stands alone. */
  clear(): void;
}

/** As much of a stream as a line of progress needs. */
interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export function progress(stream: Terminal = process.stderr): Progress {
  if (!stream.isTTY) return { say: () => {}, clear: () => {} };
  const eraseLine = '\r\x1b[2K';
  let shown = false;
  return {
    say: (text) => {
      const width = (stream.columns ?? 80) - 1;
      stream.write(eraseLine + colorsFor(stream).dim(text.replaceAll('\n', ' ').slice(0, width)));
      shown = true;
    },
    clear: () => {
      if (shown) stream.write(eraseLine);
      shown = false;
    },
  };
}
