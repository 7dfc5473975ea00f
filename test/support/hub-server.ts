/**
 * A small hub over HTTP with one repository, and a storage host (another port, and so another origin) that large files are
 * redirected to, as huggingface.co does it. `faults` may answer a request in their place.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tinyModel } from './tiny-model.ts';

export const commit = 'c0ffee'.padEnd(40, '0');

export interface SeenRequest {
  readonly host: 'hub' | 'storage';
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers a request and returns true, or leaves it. `body` is the whole file, of requests for one. */
export type Fault = (request: SeenRequest, response: ServerResponse, body: Buffer | undefined) => boolean;

export interface HubServer {
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Asked in order before the server answers itself. */
  readonly faults: Fault[];
  commit: string;
  readonly files: Map<string, Buffer>;
  /** GETs of files' bytes, in order. */
  transfers(): readonly SeenRequest[];
  close(): Promise<void>;
}

export const sha256 = hashed((bytes) => createHash('sha256').update(bytes).digest('hex'));
export const gitHash = hashed((bytes) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
);

/** Each file once: it is asked for often. */
function hashed(hash: (bytes: Buffer) => string): (bytes: Buffer) => string {
  const known = new WeakMap<Buffer, string>();
  return (bytes) => {
    const hex = known.get(bytes) ?? hash(bytes);
    known.set(bytes, hex);
    return hex;
  };
}

/** Safetensors are in LFS. */
export const blobName = (name: string, bytes: Buffer) =>
  name.endsWith('.safetensors') ? sha256(bytes) : gitHash(bytes);

/** The files of the embedded checkpoint. */
export function tinyFiles(): Map<string, Buffer> {
  const names = readdirSync(tinyModel, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(names.map(({ name }) => [name, readFileSync(join(tinyModel, name))]));
}

export async function startHub(repository: string, files: Map<string, Buffer>): Promise<HubServer> {
  const requests: SeenRequest[] = [];
  const faults: Fault[] = [];
  const storage = await listen((request, response) => {
    const body = files.get(decodeURIComponent(request.url?.slice(1) ?? ''));
    if (isTaken('storage', request, response, body)) return;
    if (body) sendBytes(request, response, body, { etag: '"storage-has-its-own"' });
    else response.writeHead(404).end();
  });
  const hub = await listen((request, response) => {
    const path = request.url ?? '';
    const [, owner, revision = '', file = ''] = /^\/(.*)\/resolve\/([^/]+)\/(.*)$/.exec(path) ?? [];
    const isKnown = owner === repository && [server.commit, 'main'].includes(revision);
    const name = isKnown ? decodeURIComponent(file) : '';
    const body = files.get(name);
    if (isTaken('hub', request, response, body)) return;
    const headers = { 'x-repo-commit': server.commit };
    if (path.startsWith(`/api/models/${repository}/revision/`)) {
      const asked = decodeURIComponent(path.split('/revision/')[1]?.split('?')[0] ?? '');
      if (!['main', 'refs/pr/1', server.commit].includes(asked))
        response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end();
      else
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(listing(files, server.commit)));
    } else if (body === undefined) {
      response.writeHead(404, { 'x-error-code': path.includes('/resolve/') ? 'EntryNotFound' : 'RepoNotFound' }).end();
    } else if (name.endsWith('.safetensors')) {
      const linked = { 'x-linked-etag': `"${sha256(body)}"`, 'x-linked-size': body.length };
      response.writeHead(302, { ...headers, ...linked, location: `${storage.url}/${encodeURIComponent(name)}` }).end();
    } else sendBytes(request, response, body, { ...headers, etag: `"${gitHash(body)}"` });
  });

  function isTaken(
    host: 'hub' | 'storage',
    request: IncomingMessage,
    response: ServerResponse,
    body?: Buffer,
  ): boolean {
    const { method = '', url = '', headers } = request;
    const seen = { host, method, path: url, range: headers.range, authorization: headers.authorization };
    requests.push(seen);
    return faults.some((fault) => fault(seen, response, body));
  }

  const server: HubServer = {
    url: hub.url,
    requests,
    faults,
    commit,
    files,
    transfers: () =>
      requests.filter(
        ({ host, method, path }) => method === 'GET' && (host === 'storage' || path.includes('/resolve/')),
      ),
    close: async () => {
      await Promise.all([hub.close(), storage.close()]);
    },
  };
  return server;
}

function listing(files: Map<string, Buffer>, sha: string): object {
  const siblings = [...files].map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    blobId: gitHash(bytes),
    ...(rfilename.endsWith('.safetensors') ? { lfs: { sha256: sha256(bytes), size: bytes.length } } : {}),
  }));
  return { sha, siblings };
}

function sendBytes(
  { method, headers: { range } }: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  headers: Record<string, string>,
): void {
  const [, from] = /^bytes=(\d+)-/.exec(range ?? '') ?? [];
  const begin = Number(from ?? 0);
  if (from !== undefined && begin >= body.length) {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${body.length}` }).end();
    return;
  }
  const contentRange =
    from === undefined ? {} : { 'content-range': `bytes ${begin}-${body.length - 1}/${body.length}` };
  response.writeHead(from === undefined ? 200 : 206, {
    ...headers,
    ...contentRange,
    'content-length': body.length - begin,
  });
  response.end(method === 'HEAD' ? undefined : body.subarray(begin));
}

interface Listener {
  readonly url: string;
  close(): Promise<void>;
}

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Listener> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Breaks a transfer of the file off after `bytes` of its rest, `times` times. What the reader has not taken by then may be lost. */
export function breakingOff(name: string, bytes: number, times: number): Fault {
  let left = times;
  return ({ host, method, path, range }, response, body) => {
    if (method !== 'GET' || body === undefined || !path.endsWith(name) || left === 0) return false;
    if (host === 'hub' && name.endsWith('.safetensors')) return false;
    left--;
    const begin = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(begin > 0 ? 206 : 200, {
      'content-length': body.length - begin,
      ...(begin > 0 ? { 'content-range': `bytes ${begin}-${body.length - 1}/${body.length}` } : {}),
    });
    response.write(body.subarray(begin, begin + bytes), () => setTimeout(() => response.destroy(), 60));
    return true;
  };
}
