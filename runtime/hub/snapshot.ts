/** A model of the hub as a checkpoint directory: asked for, fetched as far as it is not in the cache, and used from there. */
import { WarpsmithError } from '../errors.ts';
import { RepositoryCache } from './cache.ts';
import type { OnDownload } from './events.ts';
import { absentFrom, type Fetching, fetchFiles } from './fetch-files.ts';
import { checkListed, missingFiles, type Need, neededFiles, weightFiles } from './needed-files.ts';
import { type Listing, listRepository } from './repository.ts';
import { persevere } from './request.ts';
import { type HubSettings, readHubSettings } from './settings.ts';

/** Which files of a model are fetched, and who is told of it meanwhile. */
export interface SnapshotOptions {
  /** A branch, a tag or a commit; `main` unless given. */
  readonly revision?: string | undefined;
  /** `model` unless given. */
  readonly need?: Need | undefined;
  /**
   * Is awaited with the directory when all but the weights is there and weights are to be fetched: what refuses the model does so
   * before gigabytes have come.
   */
  readonly onConfig?: ((directory: string) => Promise<void>) | undefined;
  /** Told what is fetched, in bytes. */
  readonly onDownload?: OnDownload | undefined;
  /** Ends the download; what has come stays and is continued by the next one. */
  readonly signal?: AbortSignal | undefined;
  /** Those of the environment unless given. */
  readonly settings?: HubSettings | undefined;
}

interface CachedSnapshot {
  readonly commit: string;
  readonly directory: string;
  readonly missing: readonly string[];
}

/** Tries of the first question. The cache, where it can answer in the hub's place, is asked instead of trying again. */
const questionTries = 3;

/**
 * The snapshot's directory. Where the hub cannot be asked, or refuses, a snapshot in the cache is used if it is complete, and a note
 * says so. Throws a `WarpsmithError` for all else that goes wrong, and the signal's reason.
 */
export async function fetchSnapshot(repository: string, options: SnapshotOptions = {}): Promise<string> {
  const { revision = 'main', need = 'model', signal = new AbortController().signal, onDownload } = options;
  const settings = options.settings ?? (await readHubSettings());
  const cache = new RepositoryCache(settings.cacheDirectory, repository);
  const subject = { endpoint: settings.endpoint, hasToken: settings.token !== null, repository, revision, file: null };
  const fetching: Fetching = { settings, cache, subject, signal, tell: onDownload ?? (() => {}) };
  try {
    const cached = await cachedSnapshot(cache, revision, need);
    const answer = await (settings.isOffline ? offline(cached, fetching) : ask(cached, fetching));
    if (typeof answer === 'string') return answer;
    return await completeSnapshot(answer, need, fetching, options.onConfig).catch((error: unknown) =>
      readOnlySnapshot(answer, need, fetching, error),
    );
  } catch (error) {
    // Whatever an interruption made fail, the interruption is the reason.
    signal.throwIfAborted();
    throw error;
  }
}

async function cachedSnapshot(cache: RepositoryCache, revision: string, need: Need): Promise<CachedSnapshot | null> {
  const commit = await cache.commitOf(revision);
  if (commit === null) return null;
  const directory = cache.snapshot(commit);
  return { commit, directory, missing: await missingFiles(directory, need) };
}

/** The directory, where all is there. */
async function offline(cached: CachedSnapshot | null, { settings, subject }: Fetching): Promise<string> {
  if (cached?.missing.length === 0) return cached.directory;
  const { repository, revision } = subject;
  const lacks =
    cached === null
      ? `${settings.cacheDirectory} has no ${repository} at ${revision}`
      : `${cached.directory} lacks ${cached.missing.join(', ')}`;
  throw new WarpsmithError({
    code: 'hub-offline',
    message: `There is no directory ${repository}, and of the models in the cache, which HF_HUB_OFFLINE restricts to, ${lacks}.`,
    mend: 'Unset HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE to fetch it.',
  });
}

/** What the hub says, or the directory of a complete snapshot where it says nothing of use. */
async function ask(cached: CachedSnapshot | null, fetching: Fetching): Promise<Listing | string> {
  const { settings, subject, signal, tell } = fetching;
  const isComplete = cached?.missing.length === 0;
  try {
    return await persevere(() => listRepository(subject, settings, signal), {
      tries: isComplete ? 1 : questionTries,
      delayMs: settings.retryDelayMs,
      signal,
      onNote: (text) => tell({ kind: 'note', text }),
    });
  } catch (error) {
    if (!isComplete || !(error instanceof WarpsmithError) || error.code === 'hub-revision-missing') throw error;
    const copy = `The copy in the cache (commit ${cached.commit.slice(0, 12)}) is used.`;
    tell({ kind: 'note', text: `${error.message} ${copy}` });
    return cached.directory;
  }
}

async function completeSnapshot(
  { commit, files }: Listing,
  need: Need,
  fetching: Fetching,
  onConfig: SnapshotOptions['onConfig'],
): Promise<string> {
  const { cache, subject } = fetching;
  const listing = { commit, files };
  const listed = new Set(files.keys());
  const directory = cache.snapshot(commit);
  const { small, index, single } = neededFiles(listed, need, subject.repository);
  await fetchFiles([...small, ...index], listing, fetching);
  const weights = [...single, ...(await weightFiles(index, directory))];
  checkListed(weights, listed, subject.repository);
  if ((await absentFrom(directory, weights)).length > 0) await onConfig?.(directory);
  await fetchFiles(weights, listing, fetching);
  // Only what can be run from is worth the name: until then it stays with the commit that was complete before.
  if (need === 'model' || (await cache.commitOf(subject.revision)) === null)
    await cache.keepRef(subject.revision, commit);
  return directory;
}

/** The directory all the same, of a cache that cannot be written (a shared one, mounted so) and lacks nothing that is needed. */
async function readOnlySnapshot({ commit }: Listing, need: Need, fetching: Fetching, error: unknown): Promise<string> {
  const { cache, tell } = fetching;
  const isReadOnly = error instanceof WarpsmithError && error.code === 'hub-cache-unwritable';
  const directory = cache.snapshot(commit);
  if (!isReadOnly || (await missingFiles(directory, need)).length > 0) throw error;
  tell({ kind: 'note', text: `${error.message} What it has of the model is used.` });
  return directory;
}
