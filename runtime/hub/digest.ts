/** What a file's bytes must hash to, which on the hub is also the name of its blob. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface Digest {
  /** `sha256` of a file under Git LFS or Xet; `git`: the sha1 that git gives a blob, `blob SIZE\0` before the bytes. */
  readonly kind: 'sha256' | 'git';
  readonly hex: string;
}

/** Null for an ETag that says nothing of the bytes, as those of a mirror may. */
export function digestOf(blobName: string): Digest | null {
  if (/^[0-9a-f]{64}$/.test(blobName)) return { kind: 'sha256', hex: blobName };
  return /^[0-9a-f]{40}$/.test(blobName) ? { kind: 'git', hex: blobName } : null;
}

/** The hash of what lies on the disk, which what came over the wire need not be. */
export async function hashFile(
  path: string,
  kind: Digest['kind'],
  sizeBytes: number,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash(kind === 'git' ? 'sha1' : 'sha256');
  if (kind === 'git') hash.update(`blob ${sizeBytes}\0`);
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(piece);
  return hash.digest('hex');
}
