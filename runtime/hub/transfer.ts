/**
 * Fetches one file into `blobs/`. It grows as `ETAG.incomplete`, which a later attempt or process continues, and takes its name when
 * what lies on the disk has the right hash.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WarpsmithError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { sizeOfFile } from './cache.ts';
import { hashFile } from './digest.ts';
import { brokenOff, checksumWrong, notAHub, type Subject, tooLong } from './failures.ts';
import { blobNameOf } from './names.ts';
import type { RemoteFile } from './repository.ts';
import { bodyOf, Patience, persevere, send } from './request.ts';
import type { HubSettings } from './settings.ts';

export interface Transfer {
  readonly settings: HubSettings;
  readonly subject: Subject;
  readonly signal: AbortSignal;
  /** `receivedBytes` of the file are on the disk. */
  readonly onProgress: (receivedBytes: number) => void;
  readonly onNote: (text: string) => void;
}

const tries = 5;

/** Resolves to the file's size. What was received stays when this throws, unless it is wrong. */
export async function fetchBlob(file: RemoteFile, blob: string, transfer: Transfer): Promise<number> {
  await makeFolder(dirname(blob));
  const wasBegun = ((await sizeOfFile(incompleteBlob(blob))) ?? 0) > 0;
  try {
    return await fetchOnce(file, blob, transfer);
  } catch (error) {
    if (!wasBegun || !isDamage(error)) throw error;
    transfer.onNote(`What was there of ${file.name} is damaged; it is fetched from its start.`);
    return fetchOnce(file, blob, transfer);
  }
}

export function incompleteBlob(blob: string): string {
  return `${blob}.incomplete`;
}

async function fetchOnce(file: RemoteFile, blob: string, transfer: Transfer): Promise<number> {
  const incomplete = incompleteBlob(blob);
  try {
    const sizeBytes = await write(file, incomplete, transfer);
    await checkHash(file, incomplete, sizeBytes, transfer);
    transfer.signal.throwIfAborted();
    await rename(incomplete, blob);
    return sizeBytes;
  } catch (error) {
    if (isDamage(error)) await rm(incomplete, { force: true });
    throw error;
  }
}

async function write(file: RemoteFile, incomplete: string, transfer: Transfer): Promise<number> {
  const handle = await open(incomplete, constants.O_RDWR | constants.O_CREAT);
  try {
    const sizeBytes = await receive(file, handle, transfer);
    await handle.truncate(sizeBytes);
    // Before the name: after a loss of power a name without its bytes would count as fetched.
    await handle.datasync();
    return sizeBytes;
  } finally {
    await handle.close();
  }
}

/**
 * Writes the file from where it ends, and over again where the server does not continue. Bytes are written where they belong and
 * the file is not cut before all are there: should two processes write it, both write the same.
 */
async function receive(file: RemoteFile, handle: FileHandle, transfer: Transfer): Promise<number> {
  const { settings, subject, signal, onNote, onProgress } = transfer;
  const kept = (await handle.stat()).size;
  let received = file.sizeBytes !== null && kept > file.sizeBytes ? 0 : kept;
  let furthest = received;
  onProgress(received);
  const attempt = async (hasProgressed: () => void): Promise<void> => {
    if (received === file.sizeBytes) return;
    const patience = new Patience(settings.transferTimeoutMs, signal);
    try {
      const body = await openBody(file, received, transfer, patience);
      if (body === null) return;
      received = body.begin;
      for await (const piece of bodyOf(body.response, patience, subject)) {
        if (file.sizeBytes !== null && received + piece.length > file.sizeBytes)
          throw tooLong(file.name, file.sizeBytes, subject);
        await writeAll(handle, piece, received);
        received += piece.length;
        onProgress(received);
        // A server that begins anew each time and breaks off at the same place makes no progress.
        if (received > furthest) hasProgressed();
        furthest = Math.max(furthest, received);
      }
      if (file.sizeBytes !== null && received < file.sizeBytes) {
        const cause = new Error(`after ${received} of ${file.sizeBytes} bytes`);
        throw brokenOff(cause, file.url, subject);
      }
    } finally {
      patience.end();
    }
  };
  await persevere(attempt, { tries, delayMs: settings.retryDelayMs, signal, onNote });
  return received;
}

interface OpenBody {
  readonly response: Response;
  /** The place in the file of the first byte that comes. */
  readonly begin: number;
}

/** Asks for the bytes from `from` on, and for all of them where the server sends others. Null where there are no more. */
async function openBody(
  file: RemoteFile,
  from: number,
  transfer: Transfer,
  patience: Patience,
): Promise<OpenBody | null> {
  const { url } = file;
  const { subject, settings } = transfer;
  const range = from > 0 ? { headers: { range: `bytes=${from}-` }, accepts: 416 } : {};
  const { response, headers } = await send(
    { url, method: 'GET', subject, signal: patience.signal, ...range },
    settings,
  );
  if (response.status === 200) {
    checkUnchanged(file, headers, subject);
    return { response, begin: 0 };
  }
  const [, begin, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  const isPlain = (response.headers.get('content-encoding') ?? 'identity') === 'identity';
  const isSameSize = total === '*' || file.sizeBytes === null || Number(total) === file.sizeBytes;
  if (response.status === 206 && begin === String(from) && isPlain && isSameSize) {
    checkUnchanged(file, headers, subject);
    return { response, begin: from };
  }
  await response.body?.cancel().catch(() => {});
  if (response.status === 416 && file.sizeBytes === null && total === String(from)) return null;
  if (from === 0) throw notAHub(`answers ${response.status} to a request for all bytes`, subject);
  return openBody(file, 0, transfer, patience);
}

/** Where no hash will tell it, the ETag has to be the one that the blob is named by. */
function checkUnchanged(file: RemoteFile, headers: readonly Headers[], subject: Subject): void {
  if (file.digest !== null) return;
  const [first] = headers;
  // Of a redirect's target only the hub's own word counts.
  const etag = first?.get('x-linked-etag') ?? (headers.length === 1 ? first?.get('etag') : null) ?? null;
  if (etag !== null && blobNameOf(etag) !== file.blobName)
    throw notAHub('changes the file while it is fetched', subject);
}

async function writeAll(handle: FileHandle, piece: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < piece.length) {
    const { bytesWritten } = await handle.write(piece, written, piece.length - written, position + written);
    written += bytesWritten;
  }
}

async function checkHash(file: RemoteFile, path: string, sizeBytes: number, transfer: Transfer): Promise<void> {
  if (file.digest === null) return;
  const { kind, hex } = file.digest;
  const found = await hashFile(path, kind, sizeBytes, transfer.signal);
  if (found !== hex) throw checksumWrong(file.name, hex, found, transfer.subject);
}

function isDamage(error: unknown): boolean {
  return error instanceof WarpsmithError && error.code === 'hub-checksum';
}
