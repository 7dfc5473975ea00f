/** Where an operator was defined, for messages: its name is known to who imports its module, not to the operator. */

/** A function giving `file.ts:line` of the caller of `below`; formatted only when asked, since that reads source maps. */
export function originOf(below: (...args: never[]) => unknown): () => string {
  const place: { stack?: string } = {};
  Error.captureStackTrace(place, below);
  return () => {
    const [, frame = ''] = (place.stack ?? '').split('\n');
    const found = /([^/\\(]+:\d+):\d+\)?$/.exec(frame.trim());
    return found?.[1] ?? 'an unknown file';
  };
}
