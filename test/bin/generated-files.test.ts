import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leftoverFiles, staleFiles, writeFiles } from '../../bin/generated-files.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warpsmith-'));
});
afterEach(() => rm(directory, { recursive: true }));

const files = new Map([
  ['manifest.json', '{}\n'],
  ['kernels/a.cpp', 'int a;\n'],
]);

it('everything is stale where nothing is, and nothing once written', async () => {
  expect(await staleFiles(join(directory, 'new'), files)).toEqual(['kernels/a.cpp', 'manifest.json']);
  await writeFiles(join(directory, 'new'), files);
  expect(await staleFiles(join(directory, 'new'), files)).toEqual([]);
  expect(await readFile(join(directory, 'new/kernels/a.cpp'), 'utf8')).toBe('int a;\n');
});

it('writes only what differs', async () => {
  await writeFiles(directory, files);
  const { mtimeNs } = await stat(join(directory, 'manifest.json'), { bigint: true });
  await writeFile(join(directory, 'kernels/a.cpp'), 'int b;\n');
  expect(await staleFiles(directory, files)).toEqual(['kernels/a.cpp']);
  await writeFiles(directory, files);
  expect(await staleFiles(directory, files)).toEqual([]);
  expect((await stat(join(directory, 'manifest.json'), { bigint: true })).mtimeNs).toBe(mtimeNs);
});

it('leaves other files alone, and tells of them when asked', async () => {
  await writeFile(join(directory, 'notes.md'), 'mine');
  await writeFiles(directory, files);
  expect(await readFile(join(directory, 'notes.md'), 'utf8')).toBe('mine');
  expect(await leftoverFiles(directory, files)).toEqual(['notes.md']);
});

it('says where the system takes nothing', async () => {
  const file = join(directory, 'a-file');
  await writeFile(file, '');
  for (const place of ['/proc/none/here', join(file, 'folder')])
    await expect(writeFiles(place, files)).rejects.toMatchObject({
      message: expect.stringMatching(/ cannot be written: ENO(?:ENT|TDIR)\.$/),
      mend: expect.stringContaining('--out'),
    });
});
