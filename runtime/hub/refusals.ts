/** Answers of the hub that are no success, as errors that say what to do. */
import { WarpsmithError } from '../errors.ts';
import { hostOf, named, printable, type Subject, TransientError } from './failures.ts';

/** An answer that is no success. `isFromHub` is false where a redirect led to another host: its refusals are no word of the hub. */
export function refusal(response: Response, subject: Subject, isFromHub: boolean): WarpsmithError {
  const { status } = response;
  if (status === 429) return tooMany(response, subject);
  if (status === 408 || status >= 500 || !isFromHub) return failing(response, subject);
  const reason = response.headers.get('x-error-code');
  if (reason === 'GatedRepo') return gated(subject);
  if (reason === 'RevisionNotFound') return revisionMissing(subject);
  if (reason === 'EntryNotFound') return fileMissing(subject);
  const isTokenWrong = status === 401 && /credentials|token/i.test(response.headers.get('x-error-message') ?? '');
  if (isTokenWrong && subject.hasToken) return tokenRefused(subject);
  if (status === 404 || reason === 'RepoNotFound')
    return subject.file === null ? notFound(subject) : fileMissing(subject);
  if (status === 401) return subject.hasToken ? tokenRefused(subject) : notFound(subject);
  if (status === 403) return forbidden(subject, response.headers.get('x-error-message'));
  return new WarpsmithError({
    code: 'hub-failed',
    message: `${hostOf(subject)} answers ${status} for ${named(subject)}.`,
    mend: 'Check HF_ENDPOINT, and that the name is one of a model.',
  });
}

function notFound({ repository, hasToken, ...subject }: Subject): WarpsmithError {
  const whose = hasToken ? 'that your token gives access to' : 'that is public';
  return new WarpsmithError({
    code: 'hub-not-found',
    message: `There is no directory ${repository}, and ${hostOf(subject)} has no model of that name ${whose}.`,
    mend: `Check the path or the name.${hasToken ? '' : ' For a private model set HF_TOKEN to a token of yours.'}`,
  });
}

function revisionMissing(subject: Subject): WarpsmithError {
  return new WarpsmithError({
    code: 'hub-revision-missing',
    message: `${subject.repository} on ${hostOf(subject)} has no revision ${subject.revision}.`,
    mend: 'Give --revision a branch, a tag or a commit of that repository, or leave it out for main.',
  });
}

function fileMissing(subject: Subject): WarpsmithError {
  return new WarpsmithError({
    code: 'hub-answer-invalid',
    message: `${hostOf(subject)} lists ${named(subject)} and does not have it.`,
    mend: 'Run the command again; if that does not help, the repository or the mirror of HF_ENDPOINT is damaged.',
  });
}

function gated(subject: Subject): WarpsmithError {
  const page = `${subject.endpoint}/${subject.repository}`;
  return new WarpsmithError({
    code: 'hub-gated',
    message: `${subject.repository} is gated: its files are for those who accepted its licence${subject.hasToken ? ', which your token’s owner has not, or not yet' : ''}.`,
    mend: `Accept the licence on ${page}, then set HF_TOKEN to a token of yours that may read gated repositories.`,
  });
}

function tokenRefused(subject: Subject): WarpsmithError {
  return new WarpsmithError({
    code: 'hub-unauthorized',
    message: `${hostOf(subject)} does not accept the token of HF_TOKEN (or of the file that a login wrote).`,
    mend: 'Set HF_TOKEN to a token that is valid, or unset it and remove the token file for models that are public.',
  });
}

function forbidden(subject: Subject, says: string | null): WarpsmithError {
  return new WarpsmithError({
    code: 'hub-unauthorized',
    message: `${hostOf(subject)} does not give ${named(subject)}${says === null ? '' : `: ${printable(says)}`}.`,
    mend: `Look at ${subject.endpoint}/${subject.repository} whether a licence is to be accepted, and set HF_TOKEN to a token that may read it.`,
  });
}

function tooMany(response: Response, subject: Subject): TransientError {
  const retryAfterMs = retryAfter(response.headers);
  const when = retryAfterMs === null ? 'later' : `in ${Math.ceil(retryAfterMs / 1_000)} s`;
  return new TransientError(
    {
      code: 'hub-busy',
      message: `${hostOf(subject)} has had too many requests from here (429) and refuses ${named(subject)}.`,
      mend: `Run the command again ${when}.${subject.hasToken ? '' : ' With HF_TOKEN set the hub allows more.'}`,
    },
    retryAfterMs,
  );
}

function failing(response: Response, subject: Subject): TransientError {
  return new TransientError(
    {
      code: 'hub-failed',
      message: `${hostOf({ endpoint: response.url || subject.endpoint })} answers ${response.status} for ${named(subject)}.`,
      mend: 'The fault is the server’s: run the command again later. What has been fetched is kept.',
    },
    retryAfter(response.headers),
  );
}

/**
 * Milliseconds until a server wants to be asked again: Retry-After in seconds or as a date, or the hub's own
 * `RateLimit: "api";r=0;t=55`. Source: RFC 9110 10.2.3, and utils/_http.py of huggingface_hub.
 */
function retryAfter(headers: Headers): number | null {
  const after = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(after)) return 1_000 * Number(after);
  const date = Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - Date.now());
  const [, seconds] = /;\s*r\s*=\s*0\s*;\s*t\s*=\s*(\d{1,9})/.exec(headers.get('ratelimit') ?? '') ?? [];
  return seconds === undefined ? null : 1_000 * (Number(seconds) + 1);
}
