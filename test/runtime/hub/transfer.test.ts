/** Bytes over a wire that breaks, lies, stalls and repeats itself. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type HubFixture, hubFixture, repositoryFiles, weightBytes } from '../../support/hub-fixture.ts';
import { breakingOff, type Fault, sha256 } from '../../support/hub-server.ts';

const name = 'model.safetensors';
const blob = sha256(weightBytes);
const incomplete = (fixture: HubFixture) => join(fixture.folder, 'blobs', `${blob}.incomplete`);
const rangesOf = ({ hub }: HubFixture) =>
  hub.requests.filter(({ host, method }) => host === 'storage' && method === 'GET').map(({ range }) => range);
const weightsAreThere = async (fixture: HubFixture, fetched: Promise<string>) => {
  expect(readFileSync(join(await fetched, name)).equals(weightBytes)).toBe(true);
  expect(existsSync(incomplete(fixture))).toBe(false);
};
/** Answers requests at the storage, so many times. */
const atStorage =
  (answer: (...args: Parameters<Fault>) => void, times = Number.POSITIVE_INFINITY): Fault =>
  (request, response, body) => {
    if (request.host !== 'storage' || times-- <= 0) return false;
    answer(request, response, body);
    return true;
  };
const leaveBehind = (fixture: HubFixture, bytes: Buffer) => {
  mkdirSync(join(fixture.folder, 'blobs'), { recursive: true });
  writeFileSync(incomplete(fixture), bytes);
};

it('a transfer that breaks off goes on where it ended, for as long as more comes', async () => {
  const fixture = await hubFixture();
  fixture.hub.faults.push(breakingOff(name, 30_000, 8));
  await weightsAreThere(fixture, fixture.fetch());
  const begins = rangesOf(fixture).map((range) => Number(/\d+/.exec(range ?? '0')?.[0]));
  expect(begins).toHaveLength(9);
  expect(begins[8]).toBeGreaterThan(120_000);
  expect(begins).toEqual([...begins].sort((a, b) => a - b));
  expect(fixture.notes()[0]).toMatch(/model.safetensors .* broke off .*Trying again/);
});

it('one that never gets further is given up, and the next goes on from what came', async () => {
  const fixture = await hubFixture();
  fixture.hub.faults.push(
    breakingOff(name, 100_000, 1),
    atStorage((_, response) => response.destroy()),
  );
  await expect(fixture.fetch()).rejects.toMatchObject({ code: 'hub-unreachable', mend: expect.any(String) });
  expect(rangesOf(fixture)).toHaveLength(5);
  const kept = readFileSync(incomplete(fixture));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.equals(weightBytes.subarray(0, kept.length))).toBe(true);
  expect(existsSync(join(fixture.folder, 'snapshots', fixture.hub.commit, name))).toBe(false);
  fixture.hub.faults.length = 0;
  await weightsAreThere(fixture, fixture.fetch());
  expect(rangesOf(fixture).at(-1)).toBe(`bytes=${kept.length}-`);
});

it('a server that begins anew each time and breaks off at the same place is given up', async () => {
  const fixture = await hubFixture();
  const sendHalf = atStorage((_, response, body) => {
    response.writeHead(200, { 'content-length': body?.length });
    response.write(body?.subarray(0, 150_000), () => setTimeout(() => response.destroy(), 10));
  });
  fixture.hub.faults.push(sendHalf);
  await expect(fixture.fetch()).rejects.toMatchObject({ code: 'hub-unreachable' });
  expect(rangesOf(fixture).length).toBeLessThan(12);
  expect(rangesOf(fixture).at(-1)).toMatch(/^bytes=\d+-$/);
});

it('a server that ignores Range sends all, which is written over what is there', async () => {
  const fixture = await hubFixture();
  leaveBehind(fixture, weightBytes.subarray(0, 200_000));
  fixture.hub.faults.push(atStorage((_, response, body) => response.writeHead(200).end(body)));
  await weightsAreThere(fixture, fixture.fetch());
  expect(rangesOf(fixture)).toEqual(['bytes=200000-']);
});

it('a 206 of other bytes than those asked for is not taken', async () => {
  const fixture = await hubFixture();
  leaveBehind(fixture, weightBytes.subarray(0, 200_000));
  const other = atStorage((_, response, body) => {
    response.writeHead(206, { 'content-range': `bytes 0-${weightBytes.length - 1}/${weightBytes.length}` }).end(body);
  }, 1);
  fixture.hub.faults.push(other);
  await weightsAreThere(fixture, fixture.fetch());
  expect(rangesOf(fixture)).toEqual(['bytes=200000-', undefined]);
});

it.each([
  ['longer than the file', Buffer.concat([weightBytes, Buffer.from('more')])],
  ['as long and damaged', Buffer.alloc(weightBytes.length, 'x')],
])('what is %s is fetched anew', async (_, left) => {
  const fixture = await hubFixture();
  leaveBehind(fixture, left);
  await weightsAreThere(fixture, fixture.fetch());
  expect(rangesOf(fixture)).toEqual([undefined]);
});

it('what is all there needs its name alone', async () => {
  const fixture = await hubFixture();
  leaveBehind(fixture, weightBytes);
  await weightsAreThere(fixture, fixture.fetch());
  expect(rangesOf(fixture)).toEqual([]);
});

it('a damaged beginning is found by the checksum, and the file fetched from its start', async () => {
  const fixture = await hubFixture();
  leaveBehind(fixture, Buffer.alloc(100_000, 'x'));
  await weightsAreThere(fixture, fixture.fetch());
  expect(rangesOf(fixture)).toEqual(['bytes=100000-', undefined]);
  expect(fixture.notes().join()).toMatch(/model.safetensors is damaged/);
});

it.each([
  [name, 'storage'],
  ['config.json', 'hub'],
])('%s with a wrong checksum is removed, and no snapshot has it', async (file, host) => {
  const fixture = await hubFixture();
  fixture.hub.faults.push((request, response, body) => {
    if (request.host !== host || request.method !== 'GET' || !request.path.endsWith(`/${file}`) || !body) return false;
    response.writeHead(200).end(Buffer.from(body).fill('y', 10, 11));
    return true;
  });
  const failed = fixture.fetch();
  await expect(failed).rejects.toMatchObject({ code: 'hub-checksum', message: expect.stringContaining(file) });
  await expect(failed).rejects.toThrow('it was removed');
  const left = fixture.list('blobs').filter((each) => each.endsWith('.incomplete'));
  expect(left.filter((each) => each.startsWith(blob))).toEqual([]);
  expect(existsSync(join(fixture.folder, 'snapshots', fixture.hub.commit, file))).toBe(false);
  expect(existsSync(join(fixture.folder, 'refs/main'))).toBe(false);
});

it('a file that does not end is cut short', async () => {
  const fixture = await hubFixture();
  const endless = atStorage((_, response, body) => {
    const send = () => response.write(body, () => !response.destroyed && setImmediate(send));
    response.on('error', () => {});
    response.writeHead(200);
    send();
  });
  fixture.hub.faults.push(endless);
  await expect(fixture.fetch()).rejects.toThrow(
    'model.safetensors of stories/tiny came with more than its 300000 bytes',
  );
  expect(existsSync(incomplete(fixture))).toBe(false);
});

it('answers in chunks, without a length, are taken; one that ends too early is continued', async () => {
  const fixture = await hubFixture();
  const endsEarly = atStorage((_, response, body) => {
    response.write(body?.subarray(0, 50_000));
    response.end();
  }, 1);
  const inChunks = atStorage((request, response, body) => {
    const begin = Number(/\d+/.exec(request.range ?? '')?.[0] ?? 0);
    response.writeHead(206, { 'content-range': `bytes ${begin}-${weightBytes.length - 1}/*` });
    response.write(body?.subarray(begin, begin + 10_000));
    response.end(body?.subarray(begin + 10_000));
  });
  fixture.hub.faults.push(endsEarly, inChunks);
  await weightsAreThere(fixture, fixture.fetch());
  expect(rangesOf(fixture)).toEqual([undefined, 'bytes=50000-']);
});

it('one that goes silent is broken off and continued', async () => {
  const fixture = await hubFixture();
  const silent = atStorage((_, response, body) => {
    response.writeHead(200, { 'content-length': body?.length });
    response.write(body?.subarray(0, 60_000));
  }, 1);
  fixture.hub.faults.push(silent);
  await weightsAreThere(fixture, fixture.fetch({}, { transferTimeoutMs: 300 }));
  expect(rangesOf(fixture)).toEqual([undefined, 'bytes=60000-']);
  expect(fixture.notes()[0]).toContain('nothing came for 0.3 s');
});

it('an empty file and two files of the same bytes are files too', async () => {
  const files = repositoryFiles();
  files.set('generation_config.json', Buffer.alloc(0)).set('tokenizer_config.json', Buffer.from('{"model": {}}'));
  const fixture = await hubFixture(files);
  const directory = await fixture.fetch();
  expect(readFileSync(join(directory, 'generation_config.json'))).toHaveLength(0);
  expect(readFileSync(join(directory, 'tokenizer_config.json'), 'utf8')).toBe('{"model": {}}');
  expect(fixture.hub.transfers().filter(({ path }) => path.includes('tokenizer'))).toHaveLength(1);
});

it('busy and failing servers are asked again, after as long as they say', async () => {
  const fixture = await hubFixture();
  const statuses: readonly [number, Record<string, string>][] = [
    [429, { 'retry-after': '1' }],
    [503, { 'retry-after': new Date(Date.now() - 1_000).toUTCString() }],
    [500, {}],
    [429, { ratelimit: '"resolvers";r=0;t=0' }],
  ];
  let asked = 0;
  const busy = atStorage((_, response) => {
    const [status, headers] = statuses[asked++] ?? [500, {}];
    response.writeHead(status, headers).end();
  }, 4);
  fixture.hub.faults.push(busy);
  const begin = performance.now();
  await weightsAreThere(fixture, fixture.fetch());
  expect(performance.now() - begin).toBeGreaterThan(1_900);
  expect(fixture.notes()[0]).toMatch(/too many requests.*Trying again in 1 s/);
});

it('a storage address that has run out is asked for again at the hub', async () => {
  const fixture = await hubFixture();
  fixture.hub.faults.push(atStorage((_, response) => response.writeHead(403).end('Request has expired'), 1));
  await weightsAreThere(fixture, fixture.fetch());
});

it('what takes longer to wait for than anyone would is an error at once', async () => {
  const fixture = await hubFixture();
  fixture.hub.faults.push(atStorage((_, response) => response.writeHead(429, { 'retry-after': '86400' }).end()));
  await expect(fixture.fetch()).rejects.toMatchObject({
    code: 'hub-busy',
    mend: expect.stringContaining('in 86400 s'),
  });
});

it('a broken shard ends the others that are on their way', async () => {
  const files = repositoryFiles();
  const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  files.delete(name);
  files.set('model.safetensors.index.json', Buffer.from(JSON.stringify({ weight_map: { a: first, b: second } })));
  files.set(first, Buffer.alloc(100_000, 'one')).set(second, Buffer.alloc(100_000, 'two'));
  const fixture = await hubFixture(files);
  const answers = atStorage(({ path }, response) => {
    if (path.includes('00002')) response.writeHead(200).end(Buffer.alloc(100_000, 'z'));
    else response.writeHead(200, { 'content-length': 100_000 }).write('slow');
  });
  fixture.hub.faults.push(answers);
  await expect(fixture.fetch({}, { transferTimeoutMs: 60_000 })).rejects.toMatchObject({ code: 'hub-checksum' });
  expect(fixture.events.at(-1)).toEqual({ kind: 'end' });
});

/** A mirror that lists names alone and gives ETags of its own. */
const mirror =
  (fixture: HubFixture, etagOf: (method: string) => string): Fault =>
  ({ method, path }, response, body) => {
    if (path.startsWith('/api/')) {
      const siblings = [...fixture.hub.files.keys()].map((rfilename) => ({ rfilename }));
      response.end(JSON.stringify({ sha: fixture.hub.commit, siblings }));
    } else {
      response.writeHead(200, { etag: etagOf(method), 'content-length': body?.length });
      response.end(method === 'HEAD' ? undefined : body);
    }
    return true;
  };

it('an ETag that is no hash names the blob', async () => {
  const fixture = await hubFixture();
  fixture.hub.faults.push(mirror(fixture, () => 'W/"v1"'));
  const directory = await fixture.fetch({ need: 'config' });
  expect(fixture.list('blobs')).toEqual(['v1']);
  expect(readFileSync(join(directory, 'config.json'), 'utf8')).toContain('Qwen3');
});

it('and where no hash can tell it, a file that is another than was promised is refused by its ETag', async () => {
  const fixture = await hubFixture();
  fixture.hub.faults.push(mirror(fixture, (method) => `"${method}"`));
  await expect(fixture.fetch({ need: 'config' })).rejects.toThrow('changes the file while it is fetched');
});
