/** Ctrl-C: the first ends what runs in good order, the second at once. */

/** 128 + SIGINT, as a shell reports it. */
export const interruptedStatus = 130;

/** npm and npx pass on a Ctrl-C that the terminal has sent to the whole group: what comes so soon after it is the same one. */
const sameMs = 300;

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
  let firstAt = 0;
  const interrupt = () => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > sameMs) process.exit(interruptedStatus);
      return;
    }
    firstAt = performance.now();
    process.exitCode = interruptedStatus;
    controller.abort(new Interruption());
  };
  // Not `once`: packages that clean up on a signal end the process where they find no listener but their own.
  process.on('SIGINT', interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    // Whatever an interruption made fail, the interruption is the reason.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
