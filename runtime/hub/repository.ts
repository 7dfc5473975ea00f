/** What the hub says of a repository and its files. Every answer is checked: names and hashes become paths. */
import { isJsonObject, type Json } from '../json-file.ts';
import { type Digest, digestOf } from './digest.ts';
import { notAHub, type Subject } from './failures.ts';
import { blobNameOf, isCommit } from './names.ts';
import { bodyOf, Patience, send } from './request.ts';
import type { HubSettings } from './settings.ts';

/** A repository at a commit. */
export interface Listing {
  readonly commit: string;
  /** Paths from the repository's root, to what the listing says of their bytes. */
  readonly files: ReadonlyMap<string, ListedFile>;
}

interface ListedFile {
  readonly sizeBytes: number | null;
  readonly digest: Digest | null;
}

/** A file of a commit, as the cache keeps it. */
export interface RemoteFile {
  readonly name: string;
  readonly url: URL;
  readonly blobName: string;
  /** Null where the server does not tell before it sends. */
  readonly sizeBytes: number | null;
  /** Null where nothing that the server says is a hash of the bytes. */
  readonly digest: Digest | null;
}

/** The largest listing that is read: a thousand files have some 300 kB. */
const maxListingBytes = 64 * 2 ** 20;

/** Commit and files of a branch, a tag or a commit, by `GET /api/models/NAME/revision/REVISION?blobs=true`. */
export async function listRepository(subject: Subject, settings: HubSettings, signal: AbortSignal): Promise<Listing> {
  const { endpoint, repository, revision } = subject;
  const url = new URL(`${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`);
  const patience = new Patience(settings.metadataTimeoutMs, signal);
  try {
    const request = { url, method: 'GET', headers: { accept: 'application/json' }, subject } as const;
    const { response } = await send({ ...request, signal: patience.signal }, settings);
    return parseListing(await readText(response, patience, subject), subject);
  } finally {
    patience.end();
  }
}

function parseListing(text: string, subject: Subject): Listing {
  const invalid = () => notAHub('gives no list of files', subject);
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    throw invalid();
  }
  if (!isJsonObject(json) || typeof json.sha !== 'string' || !isCommit(json.sha)) throw invalid();
  if (!Array.isArray(json.siblings)) throw invalid();
  const files = new Map<string, ListedFile>();
  for (const entry of json.siblings as readonly Json[]) {
    if (!isJsonObject(entry) || typeof entry.rfilename !== 'string') throw invalid();
    const { size, blobId, lfs } = entry;
    const hash = isJsonObject(lfs) ? lfs.sha256 : blobId;
    files.set(entry.rfilename, {
      sizeBytes: isSize(size) ? size : null,
      digest: typeof hash === 'string' ? digestOf(hash) : null,
    });
  }
  return { commit: json.sha, files };
}

async function readText(response: Response, patience: Patience, subject: Subject): Promise<string> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of bodyOf(response, patience, subject)) {
    pieces.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes > maxListingBytes) throw notAHub(`sends more than ${maxListingBytes} bytes`, subject);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * Name of the blob, size and hash of a file, by HEAD of its address. Of an LFS file the hub answers with a redirect that has
 * X-Linked-Etag (the sha256) and X-Linked-Size; the ETag of the storage behind it is another. Source: get_hf_file_metadata of
 * huggingface_hub/file_download.py.
 */
export async function describeFile(
  name: string,
  { commit, files }: Listing,
  repositorySubject: Subject,
  settings: HubSettings,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const subject = { ...repositorySubject, file: name };
  const path = name.split('/').map(encodeURIComponent).join('/');
  const url = new URL(`${subject.endpoint}/${subject.repository}/resolve/${commit}/${path}`);
  const patience = new Patience(settings.metadataTimeoutMs, signal);
  const isEnough = (headers: Headers) => headers.has('x-linked-etag');
  try {
    const { response, headers } = await send(
      { url, method: 'HEAD', subject, signal: patience.signal, isEnough },
      settings,
    );
    const linked = (key: string) => headers.map((each) => each.get(key)).find((value) => value !== null) ?? null;
    const servedCommit = linked('x-repo-commit');
    if (servedCommit !== null && servedCommit !== commit) throw notAHub(`answers with commit ${servedCommit}`, subject);
    const etag = linked('x-linked-etag') ?? response.headers.get('etag');
    const blobName = etag === null ? null : blobNameOf(etag);
    if (blobName === null) throw notAHub(etag === null ? 'gives no ETag' : 'gives an ETag that is none', subject);
    const listed = files.get(name);
    // Some servers answer HEAD with a length of their own; the listing's is git's.
    const length = response.ok ? plainLength(response.headers) : null;
    return {
      name,
      url,
      blobName,
      sizeBytes: sizeOf(linked('x-linked-size')) ?? listed?.sizeBytes ?? sizeOf(length),
      digest: digestOf(blobName) ?? listed?.digest ?? null,
    };
  } finally {
    patience.end();
  }
}

/** The length of what is sent, where that is the file and no compressed form of it. */
function plainLength(headers: Headers): string | null {
  return (headers.get('content-encoding') ?? 'identity') === 'identity' ? headers.get('content-length') : null;
}

function sizeOf(text: string | null): number | null {
  const size = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : null;
  return isSize(size) ? size : null;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
