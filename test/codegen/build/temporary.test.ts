import type * as fs from 'node:fs';
import { expect, it, vi } from 'vitest';
import { temporaryPath } from '../../../codegen/build/temporary.ts';

const boot = vi.hoisted(() => ({ id: '' }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const readFileSync = (path: fs.PathOrFileDescriptor, ...options: []) =>
    path === '/proc/sys/kernel/random/boot_id' ? boot.id : real.readFileSync(path, ...options);
  return { ...real, readFileSync };
});

const hostOn = (id: string) => {
  boot.id = id;
  return temporaryPath('/cache', 'entry').split('.').at(-3);
};

it('names a machine so that another one of its name, which shares the cache, is told from it', () => {
  expect(hostOn('6c6d4ef0\n')).toMatch(/^[0-9a-f]{8}$/);
  expect(hostOn('6c6d4ef0\n')).toBe(hostOn('6c6d4ef0\n'));
  expect(hostOn('6c6d4ef0\n')).not.toBe(hostOn('0a1b2c3d\n'));
});
