/** Several pieces of work at once, up to a limit. */

/**
 * Results in the order of `items`. The first failure aborts the rest and is thrown when all have ended, so that nothing goes on
 * behind the caller's back.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const failure = new AbortController();
  const each = AbortSignal.any([signal, failure.signal]);
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [place, item] of queue) {
      if (each.aborted) return;
      try {
        results[place] = await work(item, each);
      } catch (error) {
        failure.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  signal.throwIfAborted();
  failure.signal.throwIfAborted();
  return results;
}
