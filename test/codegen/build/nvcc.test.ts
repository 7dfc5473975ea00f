/** Finding nvcc, and the way from a graph to a library for GPUs, which loads where there is none. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findNvcc, nvccArguments } from '../../../codegen/build/nvcc.ts';
import { courseOf } from '../../support/nvcc.ts';

const version = 'nvcc: NVIDIA (R) Cuda compiler driver\\nCuda compilation tools, release 13.0, V13.0.88';

describe('nvcc', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'warpsmith-nvcc-'));
    vi.stubEnv('NVCC', undefined);
    vi.stubEnv('VIRTUAL_ENV', undefined);
    vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program that says it is nvcc. */
  function install(path: string): string {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, `#!/bin/sh\nprintf '${version}\\n'\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it('is the one that NVCC names', async () => {
    const path = install('elsewhere/my-nvcc');
    vi.stubEnv('NVCC', path);
    const found = await findNvcc();
    expect(found).toMatchObject({ ok: true, nvcc: { path, version: 'release 13.0, V13.0.88' } });
  });

  it('is found on PATH, and before it is looked for in wheels', async () => {
    const path = install('nvcc');
    install('venv/lib/python3.11/site-packages/nvidia/cu13/bin/nvcc');
    vi.stubEnv('VIRTUAL_ENV', join(folder, 'venv'));
    expect(await findNvcc()).toMatchObject({ ok: true, nvcc: { path } });
  });

  it('is found among the wheels of the active virtual environment', async () => {
    const path = install('venv/lib/python3.11/site-packages/nvidia/cu13/bin/nvcc');
    vi.stubEnv('VIRTUAL_ENV', join(folder, 'venv'));
    const found = await findNvcc();
    // A machine with the toolkit has one of its own, which comes first.
    if (found.ok && found.nvcc.path === '/usr/local/cuda/bin/nvcc') return;
    expect(found).toMatchObject({ ok: true, nvcc: { path } });
  });

  it('that cannot be run is an answer with a mend', async () => {
    vi.stubEnv('NVCC', join(folder, 'none'));
    const found = await findNvcc();
    expect(found).toMatchObject({ ok: false, message: `the CUDA compiler ${join(folder, 'none')} could not be run` });
    expect(found.ok ? '' : found.mend).toContain('pip install nvidia-cuda-nvcc');
  });

  it('is what a test may be skipped for, save in CI', () => {
    expect(courseOf({ ok: true }, true)).toBe('run');
    expect(courseOf({ ok: false }, false)).toBe('skip');
    expect(courseOf({ ok: false }, true)).toBe('fail');
  });

  it('compiles for one architecture at a time, never with a contraction of its own', () => {
    const args = nvccArguments(
      { path: 'nvcc', version: '', flags: ['-fmad=false'] },
      'sm_90a',
      'nest.cu',
      'nest.cubin',
    );
    expect(args).toEqual([
      '-fmad=false',
      '-gencode=arch=compute_90a,code=sm_90a',
      '-I.',
      '-Ilib',
      '-Xptxas',
      '-v',
      '-cubin',
      'nest.cu',
      '-o',
      'nest.cubin',
    ]);
  });
});
