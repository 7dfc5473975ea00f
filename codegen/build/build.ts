/**
 * Builds a rendered library: each source to an object (by content, so that an edit compiles its own file only), objects to one
 * shared library, sources and manifest beside it. CUDA sources become machine code that a host source embeds.
 */
import { setMaxListeners } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CompileError } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import { CUBINS_SOURCE } from '../render/cuda/library.ts';
import { isInstrumented } from '../render/cuda/simulation.ts';
import type { RenderedLibrary } from '../render/library.ts';
import { cached, contentHash } from './cache.ts';
import { type CompilersResult, findCompilers } from './compilers.ts';
import { compileCubins, cudaIdentity } from './cubins.ts';
import { INCLUDE_FOLDERS, withIncludes } from './includes.ts';
import { inParallel } from './parallel.ts';
import { PrecompiledHeader } from './precompiled.ts';
import { CompilerError, runCompiler } from './run-compiler.ts';
import type { Toolchain } from './toolchain.ts';

export type BuildResult =
  | { readonly ok: true; readonly directory: string; readonly manifest: Manifest; readonly compiled: number }
  | { readonly ok: false; readonly message: string; readonly mend: string };

export interface BuildProgress {
  /** Told what the library is to hold before a compiler runs; what it throws ends the build. */
  readonly onManifest?: (manifest: Pick<Manifest, 'programs' | 'model'>) => void;
  readonly onSource?: (path: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** `compilers` is what `findCompilers` says for the library, for a caller who asked it earlier. */
export async function build(
  library: RenderedLibrary,
  progress: BuildProgress = {},
  compilers: Promise<CompilersResult> = findCompilers(library.manifest.target, library.manifest.architectures),
): Promise<BuildResult> {
  progress.onManifest?.(library.manifest);
  const found = await compilers;
  if (!found.ok) return found;
  // A compiler on each of many processors is no leak.
  if (progress.signal) setMaxListeners(0, progress.signal);
  const { toolchain, nvcc } = found;
  const identity = identityOf(toolchain);
  const key = contentHash(
    identity,
    nvcc ? cudaIdentity(nvcc, library) : toolchain.instrumentation.join(' '),
    JSON.stringify(library.manifest),
    ...[...library.files].flat(),
  );
  const manifest: Manifest = {
    ...library.manifest,
    library: `libwarpsmith-${key}.so`,
    processorFeatures: toolchain.processorFeatures,
  };
  const counter = { compiled: 0 };
  try {
    const { path } = await cached('engines', key, async (directory) => {
      writeSources(directory, library.files);
      const steps = new Steps(library, progress, counter);
      const embedded = nvcc ? await compileCubins(library, directory, nvcc, steps) : '';
      const objects = await compileHost(library, directory, toolchain, identity, embedded, steps);
      await link(toolchain, objects, join(directory, manifest.library), progress.signal);
      const whole = { ...manifest, libraryBytes: statSync(join(directory, manifest.library)).size };
      writeFileSync(join(directory, 'manifest.json'), `${JSON.stringify(whole, null, 1)}\n`);
    });
    return { ok: true, directory: path, manifest, compiled: counter.compiled };
  } catch (error) {
    if (error instanceof CompilerError) return { ok: false, message: error.message, mend: COMPILER_MEND };
    if (error instanceof CompileError) return { ok: false, message: error.message, mend: error.mend };
    throw error;
  }
}

const COMPILER_MEND =
  'Generated code should compile everywhere: this is a bug in warpsmith, unless the disk is full or the compiler was stopped.';

/** Counts what was compiled, and tells of each file that is done. */
export class Steps {
  readonly signal: AbortSignal | undefined;
  readonly #total: number;
  readonly #progress: BuildProgress;
  readonly #counter: { compiled: number };
  #done = 0;

  constructor({ sources, manifest }: RenderedLibrary, progress: BuildProgress, counter: { compiled: number }) {
    const devices = sources.filter((path) => path.endsWith('.cu')).length;
    this.#total = sources.length - devices + devices * manifest.architectures.length;
    this.#progress = progress;
    this.#counter = counter;
    this.signal = progress.signal;
  }

  done(path: string, hit: boolean): void {
    if (!hit) this.#counter.compiled++;
    this.#progress.onSource?.(path, ++this.#done, this.#total);
  }
}

/** All that an object of the host depends on beside the texts that it is made of. */
function identityOf({ version, flags, processorFeatures }: Toolchain): string {
  return contentHash(version, flags.join(' '), processorFeatures.join(' '));
}

function writeSources(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

/** The objects in the order of the sources; `embedded` is a hash of the machine code that one of them holds. */
async function compileHost(
  library: RenderedLibrary,
  directory: string,
  toolchain: Toolchain,
  identity: string,
  embedded: string,
  steps: Steps,
): Promise<readonly string[]> {
  const sources = library.sources.filter((path) => path.endsWith('.cpp'));
  const objects = new Map<string, string>();
  const prefix = new PrecompiledHeader(library.files, identity, (header, target) =>
    compile(toolchain, directory, header, target, ['-x', 'c++-header'], steps.signal),
  );
  const size = (path: string): number => library.files.get(path)?.length ?? 0;
  const largestFirst = [...sources].sort((a, b) => size(b) - size(a));
  await inParallel(largestFirst, async (path) => {
    const included = withIncludes(path, library.files);
    const own = path === CUBINS_SOURCE ? embedded : isInstrumented(path) ? toolchain.instrumentation.join(' ') : '';
    const { path: object, hit } = await cached(
      'objects',
      `${contentHash(identity, own, ...[...included].flat())}.o`,
      async (target) => compile(toolchain, directory, path, target, await prefix.argumentsFor(included), steps.signal),
    );
    objects.set(path, object);
    steps.done(path, hit);
  });
  return sources.map((path) => objects.get(path) ?? '');
}

async function compile(
  toolchain: Toolchain,
  directory: string,
  source: string,
  object: string,
  before: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const processor = `-DWS_PROCESSOR="${toolchain.processorFeatures.join(' ')}"`;
  // Paths relative to the engine's folder keep its place out of the object.
  const flags = [...toolchain.flags, ...(isInstrumented(source) ? toolchain.instrumentation : [])];
  const folders = INCLUDE_FOLDERS.map((folder) => `-I${folder}`);
  const args = [...flags, processor, ...folders, ...before, '-c', source, '-o', object];
  await runCompiler(toolchain.compiler, args, source, directory, signal);
}

async function link(
  toolchain: Toolchain,
  objects: readonly string[],
  library: string,
  signal?: AbortSignal,
): Promise<void> {
  // nodelete: the FFI closes libraries at exit while the pool's threads may still be alive.
  const args = ['-shared', '-Wl,-z,nodelete', ...objects, '-o', library, '-lpthread', '-ldl'];
  await runCompiler(toolchain.compiler, args, 'the library', dirname(library), signal);
}
