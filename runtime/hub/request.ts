/** One request, its redirects and its repetitions. The token goes to the endpoint's own origin and nowhere else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { brokenOff, disconnected, notAHub, type Subject, TransientError } from './failures.ts';
import { refusal } from './refusals.ts';
import type { HubSettings } from './settings.ts';

export interface HubRequest {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly subject: Subject;
  /** Ends the request and the reading of its body. */
  readonly signal: AbortSignal;
  /** A status that is an answer too, beside the successes. */
  readonly accepts?: number;
  /** Whether a redirect itself tells all that was asked for, so that it need not be followed to another host. */
  readonly isEnough?: (headers: Headers) => boolean;
}

export interface HubAnswer {
  /** The last one: a success, or a redirect that is enough. */
  readonly response: Response;
  /** Those of every answer on the way, the hub's own first. */
  readonly headers: readonly Headers[];
}

const maxRedirects = 10;

/** Throws what `refusal` and `disconnected` make of an answer that is none, and the signal's reason. */
export async function send(request: HubRequest, settings: HubSettings): Promise<HubAnswer> {
  const { origin } = new URL(settings.endpoint);
  const passed: Headers[] = [];
  let url = request.url;
  while (passed.length <= maxRedirects) {
    const response = await ask(url, request, url.origin === origin ? settings.token : null);
    passed.push(response.headers);
    const next = redirectOf(response, url, request.subject);
    const isLeaving = next !== null && next.origin !== origin;
    if (response.ok || response.status === request.accepts || (isLeaving && request.isEnough?.(response.headers)))
      return { response, headers: passed };
    // The connection is free for the next request once the body is read or given up.
    await response.body?.cancel().catch(() => {});
    if (next === null) throw refusal(response, request.subject, url.origin === origin);
    url = next;
  }
  throw notAHub(`redirects more than ${maxRedirects} times`, request.subject);
}

async function ask(
  url: URL,
  { method, headers, signal, subject }: HubRequest,
  token: string | null,
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        'user-agent': 'warpsmith',
        // Sizes and ranges are those of the file, and not of what a server compresses it to.
        'accept-encoding': 'identity',
        ...headers,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    throw isOver(signal) ? signal.reason : disconnected(error, url, subject);
  }
}

function redirectOf({ status, headers }: Response, from: URL, subject: Subject): URL | null {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return null;
  const url = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  throw notAHub('redirects to what is no address', subject);
}

/** What a `Patience` aborts with. */
class Silence extends Error {}

/** Whether the caller, and not the silence, ended it. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof Silence);
}

/** A signal that aborts when nothing was heard for a while, or with the caller's. */
export class Patience {
  readonly signal: AbortSignal;
  readonly #silence = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#silence.signal]);
    const silence = new Silence(`nothing came for ${timeoutMs / 1_000} s`);
    this.#timer = setTimeout(() => this.#silence.abort(silence), timeoutMs);
  }

  /** Something was heard. */
  renew(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

export interface Repetition {
  /** How often it may fail in a row, without progress, before the failure stands. */
  readonly tries: number;
  readonly delayMs: number;
  readonly signal: AbortSignal;
  /** Is told of each failure that is followed by another try. */
  readonly onNote: (text: string) => void;
}

/** A server that asks for more patience than this is not waited for. */
const maxWaitMs = 300_000;

/** Repeats what fails with a `TransientError`, after as long as the server asked for or else ever longer. */
export async function persevere<T>(
  attempt: (onProgress: () => void) => Promise<T>,
  { tries, delayMs, signal, onNote }: Repetition,
): Promise<T> {
  let failures = 0;
  for (;;) {
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      signal.throwIfAborted();
      failures++;
      if (!(error instanceof TransientError) || failures >= tries) throw error;
      // The spread keeps processes that failed together from coming back together.
      const waitMs = error.retryAfterMs ?? delayMs * 2 ** (failures - 1) * (1 + Math.random() / 4);
      if (waitMs > maxWaitMs) throw error;
      onNote(`${error.message} Trying again in ${Math.ceil(waitMs / 1_000)} s.`);
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** The pieces of a body as they come. Throws `hub-unreachable` where it breaks off or nothing comes, and the signal's reason. */
export async function* bodyOf(response: Response, patience: Patience, subject: Subject): AsyncGenerator<Uint8Array> {
  // Only what reading throws is the network's: an error of whoever consumes the pieces passes by.
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const piece = await reader.read().catch((error: unknown) => {
        throw isOver(patience.signal) ? patience.signal.reason : brokenOff(error, new URL(response.url), subject);
      });
      if (piece.done) return;
      patience.renew();
      yield piece.value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
