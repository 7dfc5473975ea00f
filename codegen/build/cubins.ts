/** CUDA sources to machine code, a file an architecture, through the cache and into the engine's folder. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cubinPath } from '../render/cuda/library.ts';
import type { RenderedLibrary } from '../render/library.ts';
import type { Steps } from './build.ts';
import { cached, contentHash } from './cache.ts';
import { type Nvcc, nvccArguments } from './nvcc.ts';
import { inParallel } from './parallel.ts';
import { runCompiler } from './run-compiler.ts';

/** All that machine code depends on beside its own source and architecture. */
export function cudaIdentity({ version, flags }: Nvcc, { files }: RenderedLibrary): string {
  const headers = [...files].filter(([path]) => path.endsWith('.cuh'));
  return contentHash(version, flags.join(' '), ...headers.flat());
}

/** Writes every cubin that the host embeds; returns a hash of them all. */
export async function compileCubins(
  library: RenderedLibrary,
  directory: string,
  nvcc: Nvcc,
  steps: Steps,
): Promise<string> {
  const identity = cudaIdentity(nvcc, library);
  const sources = library.sources.filter((path) => path.endsWith('.cu'));
  const work = sources.flatMap((source) =>
    library.manifest.architectures.map((architecture) => ({ source, architecture })),
  );
  await inParallel(work, async ({ source, architecture }) => {
    const text = library.files.get(source) ?? '';
    const name = `${contentHash(identity, architecture, source, text)}.cubin`;
    const { path, hit } = await cached('objects', name, (target) =>
      runCompiler(nvcc.path, nvccArguments(nvcc, architecture, source, target), source, directory, steps.signal),
    );
    copyFileSync(path, join(directory, cubinPath(source, architecture)));
    steps.done(`${source} for ${architecture}`, hit);
  });
  return contentHash(
    ...work.map(({ source, architecture }) =>
      contentHash(readFileSync(join(directory, cubinPath(source, architecture)), 'latin1')),
    ),
  );
}
