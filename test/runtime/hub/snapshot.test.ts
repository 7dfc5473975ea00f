/** The cache as huggingface_hub lays it out, and what is done with it when the hub cannot be asked. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { type HubFixture, hubFixture, repositoryFiles, weightBytes } from '../../support/hub-fixture.ts';
import { blobName, commit, gitHash, sha256 } from '../../support/hub-server.ts';

const neededNames = ['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json'];
const second = 'd'.repeat(40);

/** As huggingface_hub would have fetched a file. */
function cached(fixture: HubFixture, name: string, bytes: Buffer, at = commit): void {
  const blob = join(fixture.folder, 'blobs', blobName(name, bytes));
  const link = join(fixture.folder, 'snapshots', at, name);
  mkdirSync(dirname(blob), { recursive: true });
  mkdirSync(dirname(link), { recursive: true });
  writeFileSync(blob, bytes);
  symlinkSync(`../../blobs/${blobName(name, bytes)}`, link);
}

it('what a model is run from is fetched, and nothing else, into blobs, refs and snapshots', async () => {
  const fixture = await hubFixture();
  const directory = await fixture.fetch();
  expect(directory).toBe(join(fixture.folder, 'snapshots', commit));
  expect(fixture.list(`snapshots/${commit}`)).toEqual(neededNames);
  expect(readFileSync(join(fixture.folder, 'refs/main'), 'utf8')).toBe(commit);
  const files = repositoryFiles();
  for (const name of neededNames) {
    const bytes = files.get(name) ?? Buffer.alloc(0);
    expect(readlinkSync(join(directory, name))).toBe(`../../blobs/${blobName(name, bytes)}`);
    expect(readFileSync(join(directory, name)).equals(bytes)).toBe(true);
  }
  expect(fixture.list('blobs')).toEqual(neededNames.map((name) => blobName(name, files.get(name)!)).sort());
  expect(existsSync(join(fixture.settings.cacheDirectory, '.locks/models--stories--tiny/warpsmith.lock'))).toBe(false);
});

it('what is there is not fetched again: one question, and no lock in a cache that cannot be written', async () => {
  const fixture = await hubFixture();
  await fixture.fetch();
  const { length } = fixture.hub.requests;
  rmSync(join(fixture.settings.cacheDirectory, '.locks'), { recursive: true });
  await fixture.fetch();
  expect(fixture.hub.requests.slice(length).map(({ method }) => method)).toEqual(['GET']);
  expect(existsSync(join(fixture.settings.cacheDirectory, '.locks'))).toBe(false);
});

it('files that Python fetched are used; those that it did not are added', async () => {
  const fixture = await hubFixture();
  cached(fixture, 'model.safetensors', weightBytes);
  cached(fixture, 'README.md', Buffer.from('# A model'));
  await fixture.fetch();
  expect(fixture.hub.transfers().filter(({ path }) => path.includes('safetensors'))).toEqual([]);
  expect(fixture.list(`snapshots/${commit}`)).toEqual(['README.md', ...neededNames]);
});

it('a commit with the same weights has a link to the same blob; refs follow when all is there', async () => {
  const fixture = await hubFixture();
  await fixture.fetch();
  fixture.hub.commit = second;
  fixture.hub.files.set('config.json', Buffer.from('{"architectures": ["LlamaForCausalLM"]}'));
  const before = fixture.hub.transfers().length;
  const directory = await fixture.fetch();
  expect(directory).toBe(join(fixture.folder, 'snapshots', second));
  expect(
    fixture.hub
      .transfers()
      .slice(before)
      .map(({ path }) => path.split('/').at(-1)),
  ).toEqual(['config.json']);
  expect(readFileSync(join(fixture.folder, 'refs/main'), 'utf8')).toBe(second);
});

it('refs stay with the commit that is complete while another is not', async () => {
  const fixture = await hubFixture();
  const first = await fixture.fetch();
  fixture.hub.commit = second;
  fixture.hub.files.set('model.safetensors', Buffer.from('other weights'));
  fixture.hub.faults.push(({ host }, response) => {
    if (host === 'storage') response.destroy();
    return host === 'storage';
  });
  await expect(fixture.fetch()).rejects.toMatchObject({ code: 'hub-unreachable' });
  expect(await fixture.fetch({}, { isOffline: true })).toBe(first);
  expect(await fixture.fetch({ need: 'config' })).toBe(join(fixture.folder, 'snapshots', second));
  expect(await fixture.fetch({}, { isOffline: true })).toBe(first);
});

it('revisions have refs of their own, commits none', async () => {
  const fixture = await hubFixture();
  await fixture.fetch({ revision: 'refs/pr/1' });
  expect(readFileSync(join(fixture.folder, 'refs/refs/pr/1'), 'utf8')).toBe(commit);
  await fixture.fetch({ revision: commit });
  expect(fixture.list('refs')).toEqual(['refs']);
  expect(fixture.hub.requests[0]?.path).toBe('/api/models/stories/tiny/revision/refs%2Fpr%2F1?blobs=true');
  await expect(fixture.fetch({ revision: 'v9' })).rejects.toMatchObject({ code: 'hub-revision-missing' });
});

it('a damaged or removed blob is fetched again', async () => {
  const fixture = await hubFixture();
  const directory = await fixture.fetch();
  rmSync(join(fixture.folder, 'blobs', sha256(weightBytes)));
  await fixture.fetch();
  expect(readFileSync(join(directory, 'model.safetensors')).equals(weightBytes)).toBe(true);
  const config = repositoryFiles().get('config.json')!;
  rmSync(join(directory, 'config.json'));
  writeFileSync(join(fixture.folder, 'blobs', gitHash(config)), 'short');
  await fixture.fetch();
  expect(readFileSync(join(directory, 'config.json')).equals(config)).toBe(true);
});

it('offline, no request is made: the snapshot is used, or what it lacks is named', async () => {
  const fixture = await hubFixture();
  const isOffline = true;
  await expect(fixture.fetch({}, { isOffline })).rejects.toMatchObject({
    code: 'hub-offline',
    message: expect.stringMatching(/no directory stories\/tiny, .* has no stories\/tiny at main/),
    mend: expect.stringContaining('HF_HUB_OFFLINE'),
  });
  cached(fixture, 'config.json', Buffer.from('{}'));
  mkdirSync(join(fixture.folder, 'refs'));
  writeFileSync(join(fixture.folder, 'refs/main'), commit);
  await expect(fixture.fetch({}, { isOffline })).rejects.toThrow('lacks tokenizer.json, model.safetensors');
  expect(await fixture.fetch({ need: 'config' }, { isOffline })).toBe(join(fixture.folder, 'snapshots', commit));
  cached(fixture, 'tokenizer.json', Buffer.from('{}'));
  const index = { weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } };
  cached(fixture, 'model.safetensors.index.json', Buffer.from(JSON.stringify(index)));
  cached(fixture, 'model-00001-of-00002.safetensors', weightBytes);
  await expect(fixture.fetch({}, { isOffline })).rejects.toThrow('lacks model-00002-of-00002.safetensors');
  cached(fixture, 'model-00002-of-00002.safetensors', weightBytes.subarray(1));
  expect(await fixture.fetch({}, { isOffline })).toBe(join(fixture.folder, 'snapshots', commit));
  expect(await fixture.fetch({ revision: commit }, { isOffline })).toBe(join(fixture.folder, 'snapshots', commit));
  expect(fixture.hub.requests).toEqual([]);
});

it.each([
  ['cannot be reached', null],
  ['answers 503', 503],
  ['has had too many requests', 429],
  ['does not accept the token', 401],
])('a hub that %s is done without where the cache is complete, and a note says so', async (says, status) => {
  const fixture = await hubFixture();
  const directory = await fixture.fetch();
  const { length } = fixture.hub.requests;
  fixture.hub.faults.push((_, response) => {
    if (status === null) response.destroy();
    else response.writeHead(status).end();
    return true;
  });
  expect(await fixture.fetch({}, { token: 'hf_a', retryDelayMs: 60_000 })).toBe(directory);
  expect(fixture.hub.requests).toHaveLength(length + 1);
  expect(fixture.notes().at(-1)).toContain(says);
  expect(fixture.notes().at(-1)).toContain('The copy in the cache (commit c0ffee000000) is used.');
});

it('a revision that is gone is told all the same', async () => {
  const fixture = await hubFixture();
  await fixture.fetch();
  fixture.hub.faults.push((_, response) => {
    response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end();
    return true;
  });
  await expect(fixture.fetch()).rejects.toMatchObject({ code: 'hub-revision-missing' });
});

it('config alone is what a compiler needs; it is asked about before the weights come', async () => {
  const fixture = await hubFixture();
  const directory = await fixture.fetch({ need: 'config' });
  expect(fixture.list(`snapshots/${commit}`)).toEqual(['config.json']);
  const onConfig = vi.fn(async (at: string) => {
    expect(fixture.list(`snapshots/${commit}`)).toEqual(neededNames.filter((name) => !name.includes('model')));
    expect(at).toBe(directory);
    throw new Error('this model is not for us');
  });
  await expect(fixture.fetch({ onConfig })).rejects.toThrow('not for us');
  expect(fixture.hub.transfers().filter(({ path }) => path.includes('safetensors'))).toEqual([]);
  // What it fails with is its own: no word of the cache.
  const full = Object.assign(new Error('ENOSPC in a build'), { code: 'ENOSPC' });
  await expect(fixture.fetch({ onConfig: () => Promise.reject(full) })).rejects.toBe(full);
  await fixture.fetch();
  await fixture.fetch({ onConfig });
  expect(onConfig).toHaveBeenCalledTimes(1);
});

it.each([
  [{ 'pytorch_model.bin': 'pickled' }, 'weights-missing', /its weights are pytorch_model.bin[\s\S]*as safetensors/],
  [{ 'model-q8_0.gguf': 'GGUF' }, 'weights-missing', /its weights are model-q8_0.gguf/],
  [{ 'adapter_model.safetensors': 'lora' }, 'weights-missing', /its weights are adapter_model.safetensors/],
  [{}, 'weights-missing', /no model.safetensors and no model.safetensors.index.json\./],
])('a repository with %j in place of safetensors is refused before anything is fetched', async (others, code, says) => {
  const files = new Map(['config.json', 'tokenizer.json'].map((name) => [name, Buffer.from('{}')]));
  for (const [name, text] of Object.entries(others)) files.set(name, Buffer.from(text));
  const fixture = await hubFixture(files);
  const error = await fixture.fetch().catch((reason) => reason);
  expect(error).toMatchObject({ code });
  expect(`${error.message}\n${error.mend}`).toMatch(says);
  expect(fixture.hub.requests).toHaveLength(1);
});

it.each(['config.json', 'tokenizer.json'])('so is one without %s', async (name) => {
  const files = repositoryFiles();
  files.delete(name);
  const fixture = await hubFixture(files);
  await expect(fixture.fetch()).rejects.toMatchObject({ code: 'file-missing', message: expect.stringContaining(name) });
  expect(fixture.hub.requests).toHaveLength(1);
});

it.each([
  ['../../../../evil.safetensors', 'weights-invalid'],
  ['/tmp/evil.safetensors', 'weights-invalid'],
  ['not-there.safetensors', 'weights-missing'],
])('an index that names %s is refused', async (shard, code) => {
  const files = repositoryFiles();
  files.set('model.safetensors.index.json', Buffer.from(JSON.stringify({ weight_map: { a: shard } })));
  files.set('../../../../evil.safetensors', Buffer.from('evil'));
  const fixture = await hubFixture(files);
  await expect(fixture.fetch()).rejects.toMatchObject({ code });
  expect(fixture.hub.transfers().filter(({ path }) => path.includes('evil'))).toEqual([]);
  expect(existsSync(join(fixture.settings.cacheDirectory, 'evil.safetensors'))).toBe(false);
});

it('more bytes than the disk has room for are an error before the first comes', async () => {
  const fixture = await hubFixture();
  fixture.hub.faults.push(({ host, method, path }, response) => {
    if (host !== 'hub' || method !== 'HEAD' || !path.endsWith('.safetensors')) return false;
    response.writeHead(200, { 'x-linked-etag': `"${'a'.repeat(64)}"`, 'x-linked-size': 4e15 }).end();
    return true;
  });
  const failed = fixture.fetch();
  await expect(failed).rejects.toMatchObject({ code: 'disk-full', mend: expect.stringContaining('HF_HOME') });
  await expect(failed).rejects.toThrow('4000000.00 GB are to be fetched');
});

it.runIf(existsSync('/dev/full'))('a disk that is full on the way is an error too', async () => {
  const fixture = await hubFixture();
  mkdirSync(join(fixture.folder, 'blobs'), { recursive: true });
  symlinkSync('/dev/full', join(fixture.folder, 'blobs', `${sha256(weightBytes)}.incomplete`));
  await expect(fixture.fetch()).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringContaining(fixture.settings.cacheDirectory),
    mend: expect.stringContaining('HF_HOME'),
  });
});

it('one that cannot be written and has all that is needed is read', async () => {
  const fixture = await hubFixture();
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors'])
    cached(fixture, name, repositoryFiles().get(name)!);
  writeFileSync(join(fixture.settings.cacheDirectory, '.locks'), 'in the way of the folder');
  expect(await fixture.fetch()).toBe(join(fixture.folder, 'snapshots', commit));
  expect(fixture.notes().join()).toMatch(/cannot be written.*What it has of the model is used/);
  rmSync(join(fixture.folder, 'blobs', sha256(weightBytes)));
  await expect(fixture.fetch()).rejects.toMatchObject({ code: 'hub-cache-unwritable' });
});

it('a cache that is a file, or below one, is named', async () => {
  const fixture = await hubFixture();
  const file = join(fixture.settings.cacheDirectory, '../file');
  writeFileSync(file, '');
  const failed = fixture.fetch({}, { cacheDirectory: join(file, 'hub') });
  await expect(failed).rejects.toMatchObject({
    code: 'hub-cache-unwritable',
    mend: expect.stringContaining('HF_HOME'),
  });
});

it('an interruption keeps what has come and gives its own reason', async () => {
  const fixture = await hubFixture();
  fixture.hub.faults.push(({ host }, response, body) => {
    if (host !== 'storage') return false;
    response.writeHead(200, { 'content-length': body?.length }).write(body?.subarray(0, 70_000));
    return true;
  });
  const controller = new AbortController();
  const reason = new Error('enough');
  const onDownload = (event: { kind: string; receivedBytes?: number }) => {
    if (event.kind === 'progress' && (event.receivedBytes ?? 0) >= 70_000) controller.abort(reason);
  };
  await expect(fixture.fetch({ signal: controller.signal, onDownload })).rejects.toBe(reason);
  const incomplete = join(fixture.folder, 'blobs', `${sha256(weightBytes)}.incomplete`);
  expect(readFileSync(incomplete).equals(weightBytes.subarray(0, 70_000))).toBe(true);
  expect(lstatSync(join(fixture.folder, 'snapshots', commit, 'config.json')).isSymbolicLink()).toBe(true);
  expect(existsSync(join(fixture.settings.cacheDirectory, '.locks/models--stories--tiny/warpsmith.lock'))).toBe(false);
  await expect(fixture.fetch({ signal: controller.signal })).rejects.toBe(reason);
});
