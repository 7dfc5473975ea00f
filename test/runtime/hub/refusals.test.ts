/** What the hub may answer in place of a model: each an error that says what to do. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { hubFixture, repository } from '../../support/hub-fixture.ts';
import type { Fault } from '../../support/hub-server.ts';

const isListing: (path: string) => boolean = (path) => path.startsWith('/api/');

const answering =
  (status: number, headers: Record<string, string> = {}, where = isListing): Fault =>
  ({ path }, response) => {
    if (!where(path)) return false;
    response.writeHead(status, headers).end('{"error": "…"}');
    return true;
  };

const isFile = (path: string) => path.includes('/resolve/');

it.each<[number, Record<string, string>, string | null, string, RegExp]>([
  [404, {}, null, 'hub-not-found', /no directory stories\/tiny, and .* has no model .* public[\s\S]*HF_TOKEN/],
  [401, { 'x-error-code': 'RepoNotFound' }, null, 'hub-not-found', /no directory .*no model .* public[\s\S]*HF_TOKEN/],
  [404, { 'x-error-code': 'RepoNotFound' }, 'hf_a', 'hub-not-found', /no directory .*no model .* your token/],
  [401, { 'x-error-message': 'Invalid credentials in Authorization header' }, 'hf_a', 'hub-unauthorized', /HF_TOKEN/],
  [401, {}, 'hf_a', 'hub-unauthorized', /does not accept the token/],
  [403, { 'x-error-message': 'Not for you.' }, 'hf_a', 'hub-unauthorized', /does not give .*Not for you\./],
  [404, { 'x-error-code': 'RevisionNotFound' }, null, 'hub-revision-missing', /no revision main[\s\S]*--revision/],
  [418, {}, null, 'hub-failed', /418[\s\S]*HF_ENDPOINT/],
  [429, {}, null, 'hub-busy', /429[\s\S]*HF_TOKEN/],
  [503, {}, null, 'hub-failed', /503[\s\S]*later/],
])('%i with %j to a token of %s is %s', async (status, headers, token, code, says) => {
  const { hub, fetch } = await hubFixture();
  hub.faults.push(answering(status, headers));
  const error = await fetch({}, { token }).catch((reason) => reason);
  expect(error).toMatchObject({ name: 'WarpsmithError', code });
  expect(`${error.message}\n${error.mend}`).toMatch(says);
});

it.each([401, 403])('a gated model (%i) asks for its licence to be accepted', async (status) => {
  const { hub, fetch, list } = await hubFixture();
  hub.faults.push(answering(status, { 'x-error-code': 'GatedRepo' }, isFile));
  const error = await fetch().catch((reason) => reason);
  expect(error).toMatchObject({ code: 'hub-gated', message: expect.stringContaining('stories/tiny is gated') });
  expect(error.mend).toBe(
    `Accept the licence on ${hub.url}/stories/tiny, then set HF_TOKEN to a token of yours that may read gated repositories.`,
  );
  expect(() => list('snapshots')).toThrow();
});

it('a host that is not there is an error at once, which names both that a MODEL can be', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { fetch, notes } = await hubFixture();
  const failed = fetch({}, { endpoint: `http://127.0.0.1:${port}`, retryDelayMs: 60_000 });
  await expect(failed).rejects.toMatchObject({ code: 'hub-unreachable', mend: expect.stringContaining('network') });
  await expect(failed).rejects.toThrow(/127.0.0.1:\d+ cannot be reached .*ECONNREFUSED.* no directory of that name/);
  expect(notes()).toEqual([]);
});

it('a hub that does not answer in time is asked thrice', async () => {
  const { hub, fetch } = await hubFixture();
  hub.faults.push(({ path }) => isListing(path));
  const failed = fetch({}, { metadataTimeoutMs: 150 });
  await expect(failed).rejects.toMatchObject({ code: 'hub-unreachable' });
  await expect(failed).rejects.toThrow(/cannot be reached .*nothing came for 0.15 s.* no directory of that name/);
  expect(hub.requests).toHaveLength(3);
});

it.each([
  ['a page to log in on', '<html>Welcome to the airport</html>'],
  ['no commit', '{"siblings": []}'],
  ['a commit that is a path', '{"sha": "../../../../etc", "siblings": []}'],
  ['no files', `{"sha": "${'a'.repeat(40)}"}`],
  ['files without names', `{"sha": "${'a'.repeat(40)}", "siblings": [{}]}`],
  ['a list', '[1]'],
])('%s is no answer of a hub', async (_, text) => {
  const { hub, fetch } = await hubFixture();
  hub.faults.push(({ path }, response) => {
    if (!isListing(path)) return false;
    response.end(text);
    return true;
  });
  await expect(fetch()).rejects.toMatchObject({
    code: 'hub-answer-invalid',
    mend: expect.stringContaining('HF_ENDPOINT'),
  });
});

it.each([
  ['no ETag', {}, 'gives no ETag'],
  ['an ETag that is a path', { etag: '"../../../.bashrc"' }, 'gives an ETag that is none'],
  ['another commit', { etag: '"a"', 'x-repo-commit': 'b'.repeat(40) }, 'answers with commit b'],
])('%s of a file is no answer either', async (_, headers: Record<string, string>, says) => {
  const { hub, fetch } = await hubFixture();
  hub.faults.push(answering(200, headers, isFile));
  await expect(fetch()).rejects.toThrow(says);
});

it('a file that is listed and not there is told by its name', async () => {
  const { hub, fetch } = await hubFixture();
  hub.faults.push(answering(404, { 'x-error-code': 'EntryNotFound' }, (path) => path.endsWith('/tokenizer.json')));
  await expect(fetch()).rejects.toThrow('lists tokenizer.json of stories/tiny and does not have it');
});

it('redirects are followed on the hub, and not for ever', async () => {
  const { hub, fetch } = await hubFixture();
  hub.faults.push(({ path }, response) => {
    const location = /^\/renamed(.*)/.exec(path)?.[1] ?? null;
    if (location !== null || !isListing(path) || path.includes('moved')) return false;
    response.writeHead(307, { location: `${path}&moved` }).end();
    return true;
  });
  await fetch({ need: 'config' });
  hub.faults.push(({ path }, response) => {
    response.writeHead(302, { location: path }).end();
    return true;
  });
  await expect(fetch()).rejects.toThrow('redirects more than 10 times');
});

it.each(['file:///etc/passwd', 'http://user:pw@127.0.0.1/x', 'http://['])(
  'a redirect to %s is refused',
  async (location) => {
    const { hub, fetch } = await hubFixture();
    hub.faults.push(answering(302, { location }));
    await expect(fetch()).rejects.toThrow('redirects to what is no address');
  },
);

it('small files behind a redirect of the hub’s own have the ETag of where it leads', async () => {
  const { hub, fetch, list } = await hubFixture();
  hub.faults.push(({ path }, response) => {
    if (!path.endsWith('/config.json') || path.includes('resolve-cache')) return false;
    response.writeHead(307, { location: `/api/resolve-cache${path}` }).end();
    return true;
  });
  hub.faults.push(({ path, method }, response) => {
    if (!path.startsWith('/api/resolve-cache')) return false;
    const body = hub.files.get('config.json');
    response.writeHead(200, { etag: '"cached"', 'x-repo-commit': hub.commit, 'content-length': body?.length });
    response.end(method === 'HEAD' ? undefined : body);
    return true;
  });
  await fetch({ need: 'config' });
  expect(list('blobs')).toEqual(['cached']);
});

it('the token goes to the hub and to no other host', async () => {
  const { hub, fetch } = await hubFixture();
  await fetch({}, { token: 'hf_secret' });
  const seen = (host: string) =>
    new Set(hub.requests.filter((each) => each.host === host).map((each) => each.authorization));
  expect(hub.requests.filter(({ host }) => host === 'storage').length).toBeGreaterThan(0);
  expect(seen('hub')).toEqual(new Set(['Bearer hf_secret']));
  expect(seen('storage')).toEqual(new Set([undefined]));
});

it('and a message never shows it', async () => {
  const { hub, fetch } = await hubFixture();
  hub.faults.push(answering(401));
  const error = await fetch({}, { token: 'hf_secret' }).catch((reason) => reason);
  expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('hf_secret');
  expect(repository).toBe('stories/tiny');
});
