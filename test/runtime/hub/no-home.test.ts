/** A user of a container that has neither HOME nor an entry of its own. */
import { expect, it, vi } from 'vitest';
import { cacheRoot } from '../../../codegen/build/cache.ts';
import { readHubSettings } from '../../../runtime/hub/settings.ts';

vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  homedir: () => {
    throw new Error('uv_os_homedir returned ENOENT');
  },
}));

it('is told which variable takes the place of a home', async () => {
  const told = { code: 'hub-cache-unwritable', mend: expect.stringContaining('HF_HOME') };
  await expect(readHubSettings({})).rejects.toMatchObject(told);
  vi.stubEnv('WARPSMITH_CACHE', '').stubEnv('XDG_CACHE_HOME', '');
  expect(() => cacheRoot()).toThrow(
    expect.objectContaining({ code: 'disk', mend: expect.stringContaining('WARPSMITH_CACHE') }),
  );
  vi.unstubAllEnvs();
});

it.each([
  [{ HF_HOME: '/hf' }, '/hf/hub'],
  [{ HF_HUB_CACHE: '/cache' }, '/cache'],
  [{ XDG_CACHE_HOME: '/caches' }, '/caches/huggingface/hub'],
])('needs none with %j', async (environment, cacheDirectory) => {
  expect(await readHubSettings(environment)).toMatchObject({ cacheDirectory, token: null });
  vi.stubEnv('WARPSMITH_CACHE', '/engines');
  expect(cacheRoot()).toBe('/engines');
  vi.unstubAllEnvs();
});
