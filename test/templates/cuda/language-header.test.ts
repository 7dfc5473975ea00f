/** The library's own `cuda_runtime.h`: what it declares is what the toolkit's header of that name declares. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect } from 'vitest';
import { findNvcc, NVCC_FLAGS } from '../../../codegen/build/nvcc.ts';
import { itWithNvcc } from '../../support/nvcc.ts';

const SOURCE = fileURLToPath(new URL('./language.cu', import.meta.url));
const LIBRARY = fileURLToPath(new URL('../../../templates/cuda/lib', import.meta.url));
const HEADER = readFileSync(join(LIBRARY, 'cuda_runtime.h'), 'utf8');

/** PTX of the source, without comments and what differs between two runs. */
async function ptxOf(folders: readonly string[]): Promise<string> {
  const found = await findNvcc();
  if (!found.ok) throw new Error(found.message);
  const folder = mkdtempSync(join(tmpdir(), 'warpsmith-ptx-'));
  try {
    const target = join(folder, 'language.ptx');
    const include = folders.map((each) => `-I${each}`);
    await execa(found.nvcc.path, [...NVCC_FLAGS, '-arch=sm_80', ...include, '-ptx', SOURCE, '-o', target]);
    return readFileSync(target, 'utf8')
      .replace(/\/\/.*$/gm, '')
      .replaceAll(', ', ',');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

itWithNvcc(
  'gives the same instructions as the toolkit’s',
  async () => {
    const [own, toolkit] = await Promise.all([ptxOf([LIBRARY]), ptxOf([])]);
    expect(own).toContain('shfl.sync.bfly');
    expect(own).toBe(toolkit);
  },
  60_000,
);

itWithNvcc('is used in full by that source', () => {
  const text = readFileSync(SOURCE, 'utf8');
  const declared = [...HEADER.matchAll(/(?:__device_builtin__|WS_BUILTIN) [\w ]*?[ *](\w+)\(/g)].map(
    ([, name]) => name,
  );
  // Those that only the functions above them call.
  const called = declared.filter((name = '') => !/^__(nvvm|iAtomic)/.test(name));
  expect(called.length).toBeGreaterThan(25);
  expect(called.filter((name = '') => !text.includes(`${name}(`))).toEqual([]);
});
