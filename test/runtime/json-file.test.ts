/** What a checkpoint's small files may be, beside what their names say. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readGgufHeader } from '../../runtime/gguf/header.ts';
import { readJsonObject } from '../../runtime/json-file.ts';
import { readSafetensorsHeader } from '../../runtime/safetensors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpsmith-json-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const notFiles: readonly [string, RegExp, (path: string) => void][] = [
  ['a pipe', /is a pipe or a device, where a file belongs/, (path) => execFileSync('mkfifo', [path])],
  ['a device', /is a pipe or a device/, (path) => symlinkSync('/dev/zero', path)],
  ['a directory', /is a directory, where a file belongs/, (path) => mkdirSync(path)],
  ['a link to itself', /ELOOP/, (path) => symlinkSync(path, path)],
];

it.each(notFiles)('%s is refused and not waited for', async (_, says, make) => {
  const path = join(folder, 'file');
  make(path);
  await expect(readJsonObject(path)).rejects.toThrow(says);
  await expect(readSafetensorsHeader(path)).rejects.toThrow(says);
});

it('a file that is not there is none', async () => {
  expect(await readJsonObject(join(folder, 'none'))).toBeNull();
});

it.each<[string, string, RegExp]>([
  ['a byte order mark', '\uFEFF{}', /begins with a byte order mark/],
  ['a list', '[]', /holds a list where an object belongs/],
  ['an end too early', '{"a":', /is not JSON: /],
])('%s is told', async (_, text, says) => {
  const path = join(folder, 'config.json');
  writeFileSync(path, text);
  await expect(readJsonObject(path)).rejects.toThrow(says);
});

it('a Git LFS pointer is told in place of any file', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 6564160\n`);
  const error = {
    message: expect.stringContaining('is a Git LFS pointer'),
    mend: expect.stringContaining('git lfs pull'),
  };
  await expect(readJsonObject(path)).rejects.toMatchObject(error);
  await expect(readSafetensorsHeader(path)).rejects.toMatchObject(error);
  expect(() => readGgufHeader(path)).toThrow('is a Git LFS pointer');
});
