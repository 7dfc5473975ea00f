/** A driver for tests of what surrounds a GPU: how one is found, and how its errors are told. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const stub = fileURLToPath(new URL('stub-driver.cpp', import.meta.url));
const declarations = fileURLToPath(new URL('../../templates/host/cuda/driver.h', import.meta.url));

export interface StubDriver {
  /** For the environment of a new process: the loader reads it once. */
  readonly environment: Readonly<Record<string, string>>;
  readonly path: string;
  remove(): void;
}

export async function stubDriver(): Promise<StubDriver> {
  const folder = mkdtempSync(join(tmpdir(), 'warpsmith-driver-'));
  const names = [...readFileSync(declarations, 'utf8').matchAll(/\bF\((cu\w+),/g)].map(([, name]) => name);
  const others = names.map((name) => `__attribute__((weak)) int ${name}(void) { return 0; }\n`);
  writeFileSync(join(folder, 'others.c'), others.join(''));
  const path = join(folder, 'libcuda.so.1');
  await execa('g++', ['-shared', '-fPIC', '-w', '-x', 'c++', stub, '-x', 'c', join(folder, 'others.c'), '-o', path], {
    env: { LC_ALL: 'C' },
  });
  return {
    path,
    environment: { LD_LIBRARY_PATH: folder },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
