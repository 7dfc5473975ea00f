/** NVIDIA's compiler: where it is found, how it is called, and the architectures that it compiles for. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isExecutable, onPath } from './executables.ts';
import { outputOf } from './output-of.ts';

export interface Nvcc {
  readonly path: string;
  readonly version: string;
  readonly flags: readonly string[];
}

/** No compiler is an answer with its mend, not an exception. */
export type NvccResult =
  | { readonly ok: true; readonly nvcc: Nvcc }
  | { readonly ok: false; readonly message: string; readonly mend: string };

/** One architecture that Ampere and Ada run, and Hopper's own. */
export const DEFAULT_ARCHITECTURES: readonly string[] = ['sm_80', 'sm_90a'];

/** As for the CPU: what becomes one rounding is written so, never chosen by the compiler. */
export const NVCC_FLAGS: readonly string[] = [
  '-std=c++17',
  '-O3',
  '-fmad=false',
  '-Werror',
  'all-warnings',
  '-diag-suppress',
  '177',
];

const NVCC_MEND =
  'Install the CUDA toolkit, 12 or newer, or its compiler alone: pip install nvidia-cuda-nvcc nvidia-cuda-runtime nvidia-cuda-crt ' +
  'nvidia-nvvm nvidia-cuda-cccl (each ==13.0.*) in an active virtual environment; or name one in NVCC.';

/** In the order of preference: $NVCC, PATH, the toolkit's usual place, wheels of the active or the first Python. */
export async function findNvcc(): Promise<NvccResult> {
  const named = process.env.NVCC;
  const path = named ?? onPath('nvcc') ?? existing('/usr/local/cuda/bin/nvcc') ?? (await inWheels());
  if (path === null) return { ok: false, message: 'the CUDA compiler nvcc was not found', mend: NVCC_MEND };
  const text = await outputOf(path, ['--version']);
  if (text === null) return { ok: false, message: `the CUDA compiler ${path} could not be run`, mend: NVCC_MEND };
  const version = /release .*/.exec(text)?.[0] ?? text;
  return { ok: true, nvcc: { path, version, flags: NVCC_FLAGS } };
}

/** Arguments that make `source` a cubin for `architecture` (`sm_90a`) and tell its resources; paths relative to the engine's folder. */
export function nvccArguments(nvcc: Nvcc, architecture: string, source: string, cubin: string): readonly string[] {
  const virtual = architecture.replace('sm_', 'compute_');
  return [
    ...nvcc.flags,
    `-gencode=arch=${virtual},code=${architecture}`,
    '-I.',
    '-Ilib',
    '-Xptxas',
    '-v',
    '-cubin',
    source,
    '-o',
    cubin,
  ];
}

function existing(path: string): string | null {
  return existsSync(path) ? path : null;
}

/** The wheels put nvcc into site-packages/nvidia/cu13/bin. */
async function inWheels(): Promise<string | null> {
  const environment = process.env.VIRTUAL_ENV;
  const folders = environment === undefined ? [] : sitePackagesOf(environment);
  const python = await outputOf('python3', ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
  if (python !== null) folders.push(python);
  for (const folder of folders) {
    const toolkits = join(folder, 'nvidia');
    if (!existsSync(toolkits)) continue;
    const found = readdirSync(toolkits)
      .filter((name) => /^cu\d+$|^cuda_nvcc$/.test(name))
      .map((name) => join(toolkits, name, 'bin/nvcc'))
      .find(isExecutable);
    if (found !== undefined) return found;
  }
  return null;
}

function sitePackagesOf(environment: string): string[] {
  const libraries = join(environment, 'lib');
  if (!existsSync(libraries)) return [];
  return readdirSync(libraries)
    .filter((name) => name.startsWith('python'))
    .map((name) => join(libraries, name, 'site-packages'));
}
