import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../../../codegen/build/make-folder.ts';
import { makeFolder as makeFolderInTime } from '../../../runtime/make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'warpsmith-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ['at once', async (path: string) => makeFolder(path)],
  ['in time', makeFolderInTime],
])('%s', (name, make) => {
  it('makes a folder and those above it, once', async () => {
    const path = join(folder, name, 'a/b/c');
    await Promise.all([make(path), make(path), make(join(path, '../d'))]);
    await make(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('ends where none can be made', async () => {
    const file = join(folder, `${name}.txt`);
    writeFileSync(file, '');
    await expect(make('/proc/none/at/all')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'mkdir' });
    await expect(make(file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(make(join(file, 'a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
