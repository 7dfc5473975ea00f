/** Ctrl-C, and SIGTERM of who ends processes: the first ends what runs in good order, the second at once. */

/** 128 and the signal's number, as a shell reports it. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

type EndingSignal = keyof typeof STATUS;

/** npm and npx pass on a Ctrl-C that the terminal has sent to the whole group: what comes so soon after it is the same one. */
const sameMs = 300;

/** What work that was interrupted throws. */
export class Interruption extends Error {
  readonly mend = 'What was finished is kept: the same command goes on from there.';

  /** Of the process that it ends. */
  readonly status: (typeof STATUS)[EndingSignal];

  constructor(signal: EndingSignal) {
    super('Interrupted.');
    this.status = STATUS[signal];
  }
}

/** Runs `work` with a signal that Ctrl-C or SIGTERM aborts, its reason an `Interruption`; the exit status is then 130 or 143. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let firstAt = 0;
  const interrupt = (name: EndingSignal) => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > sameMs) process.exit(STATUS[name]);
      return;
    }
    firstAt = performance.now();
    process.exitCode = STATUS[name];
    controller.abort(new Interruption(name));
  };
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => [name, () => interrupt(name)] as const);
  // Not `once`: packages that clean up on a signal end the process where they find no listener but their own.
  for (const [name, listener] of listeners) process.on(name, listener);
  try {
    return await work(controller.signal);
  } catch (error) {
    // Whatever an interruption made fail, the interruption is the reason.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    for (const [name, listener] of listeners) process.removeListener(name, listener);
  }
}
