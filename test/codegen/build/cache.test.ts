import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cached, cacheRoot, contentHash, replaceEntry } from '../../../codegen/build/cache.ts';
import { temporaryPath } from '../../../codegen/build/temporary.ts';

describe('cached', () => {
  const before = process.env.WARPSMITH_CACHE;
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'warpsmith-cache-'));
    process.env.WARPSMITH_CACHE = root;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.WARPSMITH_CACHE;
    else process.env.WARPSMITH_CACHE = before;
    rmSync(root, { recursive: true });
  });

  it('is where it was told, from any working directory', async () => {
    process.env.WARPSMITH_CACHE = 'a/cache';
    expect(cacheRoot()).toBe(join(process.cwd(), 'a/cache'));
    process.env.WARPSMITH_CACHE = '';
    const caches = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = 'caches';
    expect(cacheRoot()).toBe(join(process.cwd(), 'caches/warpsmith'));
    if (caches === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = caches;
  });

  it('makes an entry once', async () => {
    let made = 0;
    const make = async (path: string) => {
      made++;
      writeFileSync(path, 'text');
    };
    const first = await cached('things', 'one', make);
    const second = await cached('things', 'one', make);
    expect([first.hit, second.hit, made]).toEqual([false, true, 1]);
    expect(readFileSync(second.path, 'utf8')).toBe('text');
  });

  it('leaves nothing behind when making fails', async () => {
    const failing = cached('things', 'two', async (path) => {
      writeFileSync(path, 'half');
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(readdirSync(join(root, 'things'))).toEqual([]);
  });

  it('removes what killed processes left, and what others make it leaves', async () => {
    const killed = spawnSync('true').pid;
    const folder = join(root, 'things');
    mkdirSync(folder);
    const own = basename(temporaryPath(folder, 'mine.o'));
    const of = (id: number, host = own.split('.').at(-3)) => `.it.o.${host}.${id}.${'ab'.repeat(4)}`;
    const [gone, elsewhere, old] = [of(killed), of(killed, '01234567'), of(process.pid, '89abcdef')];
    const under = of(process.pid);
    const left = [own, elsewhere, under, '.hidden.file', 'whole.o'];
    for (const name of [gone, old, ...left]) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, `${gone}.before`));
    const yesterday = Date.now() / 1000 - 25 * 3600;
    // Of a process that runs it is the clock that was set.
    for (const name of [old, under]) utimesSync(join(folder, name), yesterday, yesterday);
    await cached('things', 'new.o', async (path) => writeFileSync(path, ''));
    expect(readdirSync(folder).sort()).toEqual([...left, 'new.o'].sort());
  });

  it('gives both of two makers at once a whole entry', async () => {
    const entries = await Promise.all(
      ['a', 'b'].map((text) => cached('things', 'three', async (path) => writeFileSync(path, text.repeat(1000)))),
    );
    expect(entries[0]?.path).toBe(entries[1]?.path);
    expect(readFileSync(entries[0]?.path ?? '', 'utf8')).toMatch(/^(a{1000}|b{1000})$/);
    expect(existsSync(join(root, 'things', 'three'))).toBe(true);
  });

  it('is made anew where a later text replaces it', async () => {
    const { path } = await cached('things', 'four', async (temporary) => writeFileSync(temporary, 'old place'));
    replaceEntry('things', 'four', 'place');
    expect(readFileSync(path, 'utf8')).toBe('place');
    expect(readdirSync(join(root, 'things'))).toEqual(['four']);
  });
});

describe('contentHash', () => {
  it('tells where one part ends and the next begins', () => {
    expect(contentHash('ab', 'c')).not.toBe(contentHash('a', 'bc'));
  });
});
