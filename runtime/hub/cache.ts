/**
 * A repository's folder in the cache, in the layout of huggingface_hub, so that both find each other's files:
 *
 *   models--OWNER--NAME/blobs/ETAG                    the bytes
 *   models--OWNER--NAME/refs/REVISION                 the commit that a branch or tag was last seen at
 *   models--OWNER--NAME/snapshots/COMMIT/FILE         a relative link to a blob
 *
 * Source: "Understand caching" in the documentation of huggingface_hub.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { errorCode } from '../json-file.ts';
import { makeFolder } from '../make-folder.ts';
import { isCommit } from './names.ts';

export class RepositoryCache {
  readonly directory: string;
  /** Beside Python's locks, which are files of other names. */
  readonly lockPath: string;

  constructor(cacheDirectory: string, repository: string) {
    const folder = `models--${repository.replace('/', '--')}`;
    this.directory = join(cacheDirectory, folder);
    this.lockPath = join(cacheDirectory, '.locks', folder, 'warpsmith.lock');
  }

  blob(name: string): string {
    return join(this.directory, 'blobs', name);
  }

  snapshot(commit: string): string {
    return join(this.directory, 'snapshots', commit);
  }

  /** The commit that a revision had when it was last fetched; null where it never was. */
  async commitOf(revision: string): Promise<string | null> {
    if (isCommit(revision)) return revision;
    const text = await readFile(this.#ref(revision), 'utf8').catch(() => '');
    return isCommit(text.trim()) ? text.trim() : null;
  }

  /** A cache that is only read (a shared one, mounted so) keeps what it has. */
  async keepRef(revision: string, commit: string): Promise<void> {
    if ((await this.commitOf(revision)) === commit) return;
    const path = this.#ref(revision);
    try {
      await makeFolder(dirname(path));
      await replaceBy(path, (temporary) => writeFile(temporary, commit));
    } catch (error) {
      if (errorCode(error) === null) throw error;
    }
  }

  /** Makes a blob a snapshot's file, in one step that either happens or does not. */
  async link(blobName: string, commit: string, file: string): Promise<void> {
    const path = join(this.snapshot(commit), file);
    const blob = this.blob(blobName);
    await makeFolder(dirname(path));
    const target = relative(dirname(path), blob);
    try {
      await symlink(target, path).catch(async (error: unknown) => {
        if (errorCode(error) !== 'EEXIST') throw error;
        // A link to a blob that is gone, or to a damaged one's place.
        await replaceBy(path, (temporary) => symlink(target, temporary));
      });
    } catch (error) {
      // A file system without links (exFAT) gets the file itself, as huggingface_hub does it.
      if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorCode(error) ?? '')) throw error;
      await rename(blob, path);
    }
  }

  #ref(revision: string): string {
    return join(this.directory, 'refs', revision);
  }
}

/** Bytes of a file, through links; null where there is none. */
export async function sizeOfFile(path: string): Promise<number | null> {
  const entry = await stat(path).catch(() => null);
  return entry?.isFile() ? entry.size : null;
}

async function replaceBy(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await make(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
