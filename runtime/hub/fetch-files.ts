/** Puts files of a commit into its snapshot: under the lock, as far as they are not there, each as a link to a whole blob. */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { type RepositoryCache, sizeOfFile } from './cache.ts';
import type { DownloadEvent } from './events.ts';
import { cacheFailure, diskFull, type Subject } from './failures.ts';
import { withLock } from './lock.ts';
import { inParallel } from './parallel.ts';
import { describeFile, type Listing, type RemoteFile } from './repository.ts';
import { persevere } from './request.ts';
import type { HubSettings } from './settings.ts';
import { fetchBlob, incompleteBlob } from './transfer.ts';

export interface Fetching {
  readonly settings: HubSettings;
  readonly cache: RepositoryCache;
  readonly subject: Subject;
  readonly signal: AbortSignal;
  readonly tell: (event: DownloadEvent) => void;
}

const questionsAtOnce = 4;
const transfersAtOnce = 3;
const tries = 5;

/** Throws `disk-full` and `hub-cache-unwritable` for what the file system refuses, and what the hub's answers make. */
export async function fetchFiles(names: readonly string[], listing: Listing, fetching: Fetching): Promise<void> {
  const { cache, settings, subject, signal, tell } = fetching;
  const directory = cache.snapshot(listing.commit);
  if ((await absentFrom(directory, names)).length === 0) return;
  const onWait = () =>
    tell({ kind: 'note', text: `Another process is fetching ${subject.repository}; this one waits for it.` });
  try {
    await withLock(cache.lockPath, { staleMs: settings.staleLockMs, signal, onWait }, async (locked) => {
      // Whoever had the lock before may have fetched them.
      const absent = await absentFrom(directory, names);
      if (absent.length > 0) await fetchAbsent(absent, listing, { ...fetching, signal: locked });
    });
  } catch (error) {
    throw cacheFailure(error, settings.cacheDirectory);
  }
}

/** Those of the names that a snapshot does not have, or has as links to blobs that were removed. */
export async function absentFrom(directory: string, names: readonly string[]): Promise<readonly string[]> {
  const sizes = await Promise.all(names.map((name) => sizeOfFile(join(directory, name))));
  return names.filter((_, place) => sizes[place] === null);
}

async function fetchAbsent(names: readonly string[], listing: Listing, fetching: Fetching): Promise<void> {
  const { cache, settings, subject, signal, tell } = fetching;
  const onNote = (text: string) => tell({ kind: 'note', text });
  const files = await inParallel(names, questionsAtOnce, signal, (name, each) =>
    persevere(() => describeFile(name, listing, subject, settings, each), {
      tries,
      delayMs: settings.retryDelayMs,
      signal: each,
      onNote,
    }),
  );
  const blobs = await blobsToFetch(files, cache);
  await checkRoom(blobs, settings.cacheDirectory);
  if (blobs.length > 0) tell(beginning(blobs, subject.repository));
  const presentBlobs = files.filter((file) => !blobs.some(({ remote }) => remote.blobName === file.blobName));
  for (const { blobName, name } of presentBlobs) await cache.link(blobName, listing.commit, name);
  try {
    await inParallel(blobs, transfersAtOnce, signal, async ({ remote }, each) => {
      const { name, blobName } = remote;
      const sizeBytes = await fetchBlob(remote, cache.blob(blobName), {
        settings,
        subject: { ...subject, file: name },
        signal: each,
        onProgress: (receivedBytes) => tell({ kind: 'progress', file: name, receivedBytes }),
        onNote,
      });
      // Files of the same bytes are one blob.
      const named = files.filter((file) => file.blobName === blobName);
      for (const file of named) await cache.link(blobName, listing.commit, file.name);
      tell({ kind: 'file', file: name, sizeBytes });
    });
  } finally {
    if (blobs.length > 0) tell({ kind: 'end' });
  }
}

interface BlobToFetch {
  readonly remote: RemoteFile;
  /** What an earlier attempt left. */
  readonly presentBytes: number;
}

/** A blob of another size than the hub's is damaged, and fetched again. */
async function blobsToFetch(files: readonly RemoteFile[], cache: RepositoryCache): Promise<readonly BlobToFetch[]> {
  const found = new Map<string, BlobToFetch>();
  for (const remote of files) {
    const present = await sizeOfFile(cache.blob(remote.blobName));
    if (present !== null && (remote.sizeBytes === null || present === remote.sizeBytes)) continue;
    const presentBytes = (await sizeOfFile(incompleteBlob(cache.blob(remote.blobName)))) ?? 0;
    if (!found.has(remote.blobName)) found.set(remote.blobName, { remote, presentBytes });
  }
  return [...found.values()];
}

/** Throws `disk-full` before a transfer that must end so. */
async function checkRoom(blobs: readonly BlobToFetch[], directory: string): Promise<void> {
  await makeFolder(directory);
  const { bavail, bsize, blocks } = await statfs(directory);
  const needed = blobs.reduce(
    (sum, { remote, presentBytes }) => sum + Math.max(0, (remote.sizeBytes ?? 0) - presentBytes),
    0,
  );
  // Some network file systems do not tell.
  if (blocks > 0 && needed > bavail * bsize) throw diskFull(directory, { needed, available: bavail * bsize });
}

function beginning(blobs: readonly BlobToFetch[], repository: string): DownloadEvent {
  return {
    kind: 'begin',
    repository,
    files: blobs.map(({ remote }) => remote.name),
    totalBytes: blobs.reduce((sum, { remote }) => sum + (remote.sizeBytes ?? 0), 0),
    presentBytes: blobs.reduce((sum, { presentBytes }) => sum + presentBytes, 0),
  };
}
