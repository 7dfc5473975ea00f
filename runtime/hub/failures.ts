/** What can go wrong on the way to the hub, and on this machine, as errors that say what to do. */
import { type ErrorCode, WarpsmithError } from '../errors.ts';
import { errorCode } from '../json-file.ts';
import { formatBytes } from './events.ts';

/** What a request was about, as far as a message needs it. */
export interface Subject {
  readonly endpoint: string;
  readonly hasToken: boolean;
  readonly repository: string;
  readonly revision: string;
  /** Null where the repository itself was asked for. */
  readonly file: string | null;
}

/** A failure that may be gone at the next try. */
export class TransientError extends WarpsmithError {
  /** What the server asked for; null where it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    problem: { readonly code: ErrorCode; readonly message: string; readonly mend: string },
    retryAfterMs: number | null,
    options?: ErrorOptions,
  ) {
    super(problem, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * No answer. Of a host that no connection is made to at the first question, another try would say the same; once it has answered, it
 * is worth waiting for.
 */
export function disconnected(error: unknown, url: URL, subject: Subject): WarpsmithError {
  const isProxied = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => process.env[name]);
  const cause = rootOf(error);
  const nor = subject.file === null ? ', and there is no directory of that name' : '';
  const problem = {
    code: 'hub-unreachable',
    message: `${url.host} cannot be reached for ${named(subject)} (${causeText(cause)})${nor}.`,
    mend: isProxied
      ? `${networkMend} Node uses the proxy that is set from version 24 on, with NODE_USE_ENV_PROXY=1.`
      : networkMend,
  } as const;
  const isFinal = subject.file === null && ['ENOTFOUND', 'ECONNREFUSED', 'EAI_AGAIN'].includes(errorCode(cause) ?? '');
  return isFinal ? new WarpsmithError(problem, { cause: error }) : new TransientError(problem, null, { cause: error });
}

const networkMend = 'Check the network, HF_ENDPOINT and the firewall; HF_HUB_OFFLINE=1 works from the cache alone.';

/** An answer that ended before all of it had come. */
export function brokenOff(error: unknown, url: URL, subject: Subject): TransientError {
  const message = `The transfer of ${named(subject)} from ${url.host} broke off (${causeText(rootOf(error))}).`;
  const mend = `Run the command again: it goes on where this one ended. ${networkMend}`;
  return new TransientError({ code: 'hub-unreachable', message, mend }, null, { cause: error });
}

/** Something answers that does not speak as the hub does: a captive portal, a wrong HF_ENDPOINT. */
export function notAHub(what: string, subject: Subject): WarpsmithError {
  return new WarpsmithError({
    code: 'hub-answer-invalid',
    message: `${hostOf(subject)} ${what} for ${named(subject)}, which no hub does.`,
    mend: 'Check HF_ENDPOINT, and whether the network asks for a login in a browser first.',
  });
}

export function checksumWrong(file: string, expected: string, found: string, subject: Subject): WarpsmithError {
  return new WarpsmithError({
    code: 'hub-checksum',
    message: `${file} of ${subject.repository} came with the checksum ${found}, where ${expected} belongs; it was removed.`,
    mend: 'Run the command again. If it repeats, a proxy or mirror on the way changes the file.',
  });
}

export function tooLong(file: string, sizeBytes: number, subject: Subject): WarpsmithError {
  return new WarpsmithError({
    code: 'hub-checksum',
    message: `${file} of ${subject.repository} came with more than its ${sizeBytes} bytes; it was removed.`,
    mend: 'Run the command again. If it repeats, a proxy or mirror on the way changes the file.',
  });
}

/** Of a file system's error in the cache. */
export function cacheFailure(error: unknown, directory: string): unknown {
  const code = errorCode(error);
  if (code === null || error instanceof WarpsmithError) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(directory, null, error);
  if (
    !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOENT', 'EIO', 'ELOOP', 'ENAMETOOLONG'].includes(
      code,
    )
  )
    return error;
  return new WarpsmithError(
    {
      code: 'hub-cache-unwritable',
      message: `The cache of models ${directory} cannot be written: ${error instanceof Error ? error.message : code}.`,
      mend: 'Set HF_HOME to a folder that you may write.',
    },
    { cause: error },
  );
}

/** `room` in bytes, where it was looked at ahead. */
export function diskFull(
  directory: string,
  room: { readonly needed: number; readonly available: number } | null,
  cause?: unknown,
): WarpsmithError {
  const sizes =
    room === null ? '' : `: ${formatBytes(room.needed)} are to be fetched, ${formatBytes(room.available)} are free`;
  return new WarpsmithError(
    {
      code: 'disk-full',
      message: `There is no room for the model in ${directory}${sizes}.`,
      mend: 'Make room and run the command again (what was fetched is kept), or set HF_HOME to a folder on a larger disk.',
    },
    { cause },
  );
}

export function named({ repository, revision, file }: Subject): string {
  return file === null ? `${repository}${revision === 'main' ? '' : ` at ${revision}`}` : `${file} of ${repository}`;
}

export function hostOf({ endpoint }: { readonly endpoint: string }): string {
  return new URL(endpoint).host;
}

/** fetch says `fetch failed`; why is in the causes, of several addresses in a list of them. */
function rootOf(error: unknown): unknown {
  let cause = error;
  for (;;) {
    if (cause instanceof AggregateError && cause.errors.length > 0) [cause] = cause.errors;
    else if (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
    else return cause;
  }
}

function causeText(cause: unknown): string {
  return printable(cause instanceof Error ? cause.message || errorCode(cause) || cause.name : String(cause));
}

/** A server's own words, fit for a terminal. */
export function printable(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 200)
    .replace(/\.$/, '');
}
