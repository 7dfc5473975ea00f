/**
 * Builds a rendered library: each source to an object (by content, so that an edit compiles its own file only), objects to one
 * shared library, sources and manifest beside it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Manifest } from '../manifest.ts';
import type { RenderedLibrary } from '../render/cpu/library.ts';
import { cached, contentHash } from './cache.ts';
import { findToolchain, type Toolchain } from './toolchain.ts';

export type BuildResult =
  | { readonly ok: true; readonly directory: string; readonly manifest: Manifest; readonly compiled: number }
  | { readonly ok: false; readonly message: string; readonly mend: string };

export interface BuildProgress {
  readonly onSource?: (path: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export async function build(library: RenderedLibrary, progress: BuildProgress = {}): Promise<BuildResult> {
  const found = await findToolchain();
  if (!found.ok) return found;
  const { toolchain } = found;
  const headers = [...library.files].filter(([path]) => path.endsWith('.h'));
  const headerHash = contentHash(...headers.flat());
  const identity = contentHash(
    toolchain.version,
    toolchain.flags.join(' '),
    toolchain.processorFeatures.join(' '),
    headerHash,
  );
  const key = contentHash(identity, JSON.stringify(library.manifest), ...[...library.files].flat());
  const manifest: Manifest = {
    ...library.manifest,
    library: `libwarpsmith-${key}.so`,
    processorFeatures: toolchain.processorFeatures,
  };
  let compiled = 0;
  try {
    const { path } = await cached('engines', key, async (directory) => {
      writeSources(directory, library.files);
      const objects = await compileAll(library, directory, toolchain, identity, progress, () => compiled++);
      await link(toolchain, objects, join(directory, manifest.library), progress.signal);
      writeFileSync(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
    });
    return { ok: true, directory: path, manifest, compiled };
  } catch (error) {
    if (error instanceof CompilerError) return { ok: false, message: error.message, mend: COMPILER_MEND };
    throw error;
  }
}

const COMPILER_MEND =
  'Generated code should compile everywhere: this is a bug in warpsmith, unless the disk is full or the compiler was stopped.';

class CompilerError extends Error {}

function writeSources(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

async function compileAll(
  library: RenderedLibrary,
  directory: string,
  toolchain: Toolchain,
  identity: string,
  progress: BuildProgress,
  count: () => void,
): Promise<readonly string[]> {
  const objects: string[] = [];
  const queue = library.sources
    .map((path, place) => ({ path, place }))
    .sort((a, b) => size(library, b.path) - size(library, a.path));
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { path, place } = next;
      const text = library.files.get(path) ?? '';
      const { path: object, hit } = await cached('objects', `${contentHash(identity, path, text)}.o`, (target) =>
        compile(toolchain, directory, path, target, progress.signal),
      );
      if (!hit) count();
      objects[place] = object;
      progress.onSource?.(path, ++done, library.sources.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), queue.length) }, worker));
  return objects;
}

function size(library: RenderedLibrary, path: string): number {
  return library.files.get(path)?.length ?? 0;
}

async function compile(
  toolchain: Toolchain,
  directory: string,
  source: string,
  object: string,
  signal?: AbortSignal,
): Promise<void> {
  const processor = `-DWS_PROCESSOR="${toolchain.processorFeatures.join(' ')}"`;
  // Paths relative to the engine's folder keep its place out of the object.
  const args = [...toolchain.flags, processor, '-I.', '-Ilib', '-c', source, '-o', object];
  await run(toolchain.compiler, args, directory, signal);
}

async function link(
  toolchain: Toolchain,
  objects: readonly string[],
  library: string,
  signal?: AbortSignal,
): Promise<void> {
  // nodelete: the FFI closes libraries at exit while the pool's threads may still be alive.
  await run(
    toolchain.compiler,
    ['-shared', '-Wl,-z,nodelete', ...objects, '-o', library, '-lpthread'],
    dirname(library),
    signal,
  );
}

async function run(command: string, args: readonly string[], cwd: string, signal?: AbortSignal): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'warpsmith-'));
  try {
    const result = await execa(command, args, {
      cwd,
      reject: false,
      env: { TMPDIR: temporary, LC_ALL: 'C' },
      ...(signal ? { cancelSignal: signal } : {}),
    });
    signal?.throwIfAborted();
    if (result.failed) throw new CompilerError(`${command} failed on ${args.at(-3) ?? ''}:\n${result.stderr}`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
