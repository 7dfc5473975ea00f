/** What MODEL means. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkpointDirectory } from '../../runtime/checkpoint-directory.ts';
import { readHubSettings } from '../../runtime/hub/settings.ts';

const here = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpsmith-model-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(here);
  rmSync(folder, { recursive: true, force: true });
});

const offline = async () => ({ settings: { ...(await readHubSettings({ HF_HOME: folder })), isOffline: true } });

it('a path that exists is meant before a name of the hub', async () => {
  mkdirSync(join(folder, 'Qwen/Qwen3-0.6B'), { recursive: true });
  writeFileSync(join(folder, 'model.gguf'), '');
  for (const path of ['Qwen/Qwen3-0.6B', 'model.gguf', folder])
    expect(await checkpointDirectory(path, await offline())).toBe(path);
});

it.each(['./a/b', '/a/b', 'a', 'a/b/c', ''])('%j is a path, whether it exists or not', async (path) => {
  expect(await checkpointDirectory(path, await offline())).toBe(path);
});

it('a name that is no path is looked for on the hub', async () => {
  await expect(checkpointDirectory('a/b-that-is-not', await offline())).rejects.toMatchObject({ code: 'hub-offline' });
});

it.each([
  'https://huggingface.co/Qwen/Qwen3-0.6B/tree/main',
  'hf://Qwen/Qwen3-0.6B',
  'http://hub.local/Qwen/Qwen3-0.6B',
])('%s is told to be the name of a model in an address', async (address) => {
  const refused = { code: 'option-invalid', mend: 'Give Qwen/Qwen3-0.6B alone.' };
  await expect(checkpointDirectory(address, await offline())).rejects.toMatchObject(refused);
});

it('a revision is one of the hub', async () => {
  const revision = 'v1';
  await expect(checkpointDirectory(folder, { revision })).rejects.toMatchObject({ code: 'option-invalid' });
  await expect(checkpointDirectory('a/b', { revision: '../../x' })).rejects.toThrow('"../../x" is none that git knows');
  await expect(checkpointDirectory('a/b@v1')).rejects.toMatchObject({ mend: 'Give a/b and --revision v1.' });
});
