/** The environment as huggingface_hub reads it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readHubSettings } from '../../../runtime/hub/settings.ts';

const home = mkdtempSync(join(tmpdir(), 'warpsmith-hub-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('without any, the cache is in the home folder and the hub is huggingface.co', async () => {
  expect(await readHubSettings({ HF_TOKEN_PATH: '/none' })).toMatchObject({
    endpoint: 'https://huggingface.co',
    token: null,
    cacheDirectory: join(homedir(), '.cache/huggingface/hub'),
    isOffline: false,
    metadataTimeoutMs: 10_000,
  });
});

it.each([
  [{ XDG_CACHE_HOME: '/caches' }, '/caches/huggingface/hub'],
  [{ XDG_CACHE_HOME: '/caches', HF_HOME: '/hf' }, '/hf/hub'],
  [{ HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
  [{ HF_HOME: '/hf', HF_HUB_CACHE: '/cache', HUGGINGFACE_HUB_CACHE: '/old' }, '/cache'],
  [{ HF_HOME: '~/hf' }, join(homedir(), 'hf/hub')],
  [{ HF_HOME: '$DISK/hf', DISK: '/disk' }, '/disk/hf/hub'],
  [{ HF_HOME: `\${DISK}/hf`, DISK: '/disk' }, '/disk/hf/hub'],
  [{ HF_HOME: '', XDG_CACHE_HOME: '/caches' }, '/caches/huggingface/hub'],
])('%j puts the cache at %s', async (environment, cacheDirectory) => {
  expect((await readHubSettings({ HF_TOKEN: 'hf_a', ...environment })).cacheDirectory).toBe(cacheDirectory);
});

it('the token is that of HF_TOKEN, else of the file that a login wrote', async () => {
  mkdirSync(join(home, 'hf'));
  writeFileSync(join(home, 'hf/token'), 'hf_file\n');
  writeFileSync(join(home, 'other'), 'hf_other');
  const HF_HOME = join(home, 'hf');
  const tokenOf = async (environment: Record<string, string>) => (await readHubSettings(environment)).token;
  expect(await tokenOf({ HF_HOME, HF_TOKEN: ' hf_env\n' })).toBe('hf_env');
  expect(await tokenOf({ HF_HOME, HF_TOKEN: '' })).toBe('hf_file');
  expect(await tokenOf({ HF_HOME })).toBe('hf_file');
  expect(await tokenOf({ HF_HOME, HUGGING_FACE_HUB_TOKEN: 'hf_old' })).toBe('hf_old');
  expect(await tokenOf({ HF_HOME, HF_TOKEN_PATH: join(home, 'other') })).toBe('hf_other');
  expect(await tokenOf({ HF_HOME, HF_TOKEN: 'hf_env', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' })).toBeNull();
  expect(await tokenOf({ HF_HOME: join(home, 'none') })).toBeNull();
});

it('a token that would break a header is refused, and not shown', async () => {
  const reading = readHubSettings({ HF_TOKEN: 'hf_secret\r\nX-Evil: 1' });
  await expect(reading).rejects.toMatchObject({ code: 'option-invalid', message: expect.stringContaining('HF_TOKEN') });
  await expect(reading).rejects.not.toThrow('hf_secret');
});

it.each([
  [{ HF_HUB_OFFLINE: '1' }, true],
  [{ HF_HUB_OFFLINE: 'yes' }, true],
  [{ TRANSFORMERS_OFFLINE: 'ON' }, true],
  [{ HF_HUB_OFFLINE: '0' }, false],
  [{ HF_HUB_OFFLINE: '0', TRANSFORMERS_OFFLINE: '1' }, false],
])('%j: offline is %s', async (environment, isOffline) => {
  expect((await readHubSettings({ HF_TOKEN: 'hf_a', ...environment })).isOffline).toBe(isOffline);
});

it('a mirror is an address without a slash at its end', async () => {
  const { endpoint } = await readHubSettings({ HF_TOKEN: 'hf_a', HF_ENDPOINT: 'https://mirror.example/hf//' });
  expect(endpoint).toBe('https://mirror.example/hf');
});

it.each(['localhost:8080', 'mirror.example', 'file:///etc', 'https://user:secret@mirror.example'])(
  '%s is no address of a hub',
  async (HF_ENDPOINT) => {
    const reading = readHubSettings({ HF_ENDPOINT });
    await expect(reading).rejects.toMatchObject({ code: 'option-invalid', mend: expect.stringContaining('https://') });
    await expect(reading).rejects.not.toThrow('secret');
  },
);
