/** Ctrl-C: the first ends what runs in good order, the second at once. */

/** 128 + SIGINT, as a shell reports it. */
export const interruptedStatus = 130;

/** What work that was interrupted throws. */
export class Interruption extends Error {
  readonly mend = 'What was finished is kept: the same command goes on from there.';

  constructor() {
    super('Interrupted.');
  }
}

/** Runs `work` with a signal that Ctrl-C aborts, its reason an `Interruption`; the exit status is then 130. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(interruptedStatus);
    process.exitCode = interruptedStatus;
    controller.abort(new Interruption());
  };
  // Not `once`: packages that clean up on a signal end the process where they find no listener but their own.
  process.on('SIGINT', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
