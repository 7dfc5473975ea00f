/**
 * CUDA sources to machine code, a file an architecture, through the cache and into the engine's folder, each with what the
 * assembler tells of its kernels.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cubinPath } from '../render/cuda/library.ts';
import type { RenderedLibrary } from '../render/library.ts';
import type { Steps } from './build.ts';
import { cached, contentHash } from './cache.ts';
import { type Nvcc, nvccArguments } from './nvcc.ts';
import { inParallel } from './parallel.ts';
import { reportPath } from './resources.ts';
import { runCompiler } from './run-compiler.ts';

/** Takes the place of the toolkit's header of this name. */
const LANGUAGE_HEADER = 'lib/cuda_runtime.h';

/** All that machine code depends on beside its own source and architecture. */
export function cudaIdentity({ version, flags }: Nvcc, { files }: RenderedLibrary): string {
  const headers = [...files].filter(([path]) => path.endsWith('.cuh') || path === LANGUAGE_HEADER);
  return contentHash(version, flags.join(' '), ...headers.flat());
}

/** Names in an entry of the cache. */
const CODE = 'code.cubin';
const REPORT = 'report.txt';

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
  await inParallel(largestFirst(library, work), async ({ source, architecture }) => {
    const text = library.files.get(source) ?? '';
    const { path, hit } = await cached('cubins', contentHash(identity, architecture, text), async (entry) => {
      mkdirSync(entry);
      const args = nvccArguments(nvcc, architecture, source, join(entry, CODE));
      writeFileSync(join(entry, REPORT), await runCompiler(nvcc.path, args, source, directory, steps.signal));
    });
    copyFileSync(join(path, CODE), join(directory, cubinPath(source, architecture)));
    copyFileSync(join(path, REPORT), join(directory, reportPath(source, architecture)));
    steps.done(`${source} for ${architecture}`, hit);
  });
  return contentHash(
    ...work.map(({ source, architecture }) =>
      contentHash(readFileSync(join(directory, cubinPath(source, architecture)), 'latin1')),
    ),
  );
}

/** So that no large one is left for the end. */
function largestFirst<Work extends { readonly source: string }>(
  { files }: RenderedLibrary,
  work: readonly Work[],
): readonly Work[] {
  const size = ({ source }: Work): number => files.get(source)?.length ?? 0;
  return [...work].sort((a, b) => size(b) - size(a));
}
