/** Builds the kernels of a .cu file beside this one for the simulated GPU, and runs one of them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cached, contentHash } from '../../../codegen/build/cache.ts';
import { inParallel } from '../../../codegen/build/parallel.ts';
import { findToolchain } from '../../../codegen/build/toolchain.ts';
import { libraryHeaders } from '../../../codegen/render/library.ts';
import { readTemplate, renderTemplate } from '../../../codegen/render/template.ts';

export interface Outcome {
  /** `no fault`, or what kind. */
  readonly fault: string;
  readonly text: string;
  /** The kernel's output: 1024 words, zero where it wrote none. */
  readonly out: readonly number[];
}

export interface Launch {
  readonly threads?: number;
  readonly blocks?: number;
  readonly sharedBytes?: number;
  /** 64 words that count from 0 unless given. */
  readonly input?: Uint32Array;
}

export type Run = (kernel: string, launch?: Launch) => Promise<Outcome>;

/** Through the cache; kernels are compiled with the flags of an engine, and with `more` behind them. */
export async function simulate(source: string, more: readonly string[] = []): Promise<Run> {
  const path = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));
  const text = await readFile(path(source), 'utf8');
  const kernels = [...text.matchAll(/^KERNEL\((\w+)\)/gm)].map(([, name]) => name);
  const files = new Map([
    ...libraryHeaders(['cuda/lib', 'simt']),
    [source, text],
    ['kernels.simt.cpp', renderTemplate('simt/kernels.cpp.njk', { source, table: 'test_kernels', kernels })],
    ['simulator.cpp', readTemplate('simt/simulator.cpp')],
    ['harness.cpp', await readFile(path('harness.cpp'), 'utf8')],
  ]);
  const found = await findToolchain('simulated');
  if (!found.ok) throw new Error(found.message);
  const { compiler, flags, version } = found.toolchain;
  const instrumentation = [...found.toolchain.instrumentation, ...more];
  const key = contentHash(version, ...flags, ...instrumentation, ...[...files].flat());
  const { path: folder } = await cached('tests', key, async (directory) => {
    for (const [name, contents] of files) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), contents);
    }
    const sources = ['kernels.simt', 'simulator', 'harness'];
    await inParallel(sources, async (name) => {
      const instrumented = name === 'kernels.simt' ? instrumentation : [];
      const args = [...flags, ...instrumented, '-I.', '-Ilib', '-c', `${name}.cpp`, '-o', `${name}.o`];
      await execa(compiler, args, { cwd: directory });
    });
    await execa(compiler, [...sources.map((name) => `${name}.o`), '-o', 'harness'], { cwd: directory });
  });
  return async (kernel, launch = {}) => {
    const {
      threads = 64,
      blocks = 1,
      sharedBytes = 4096,
      input = Uint32Array.from({ length: 64 }, (_, i) => i),
    } = launch;
    const numbers = [threads, blocks, sharedBytes].map(String);
    const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    const { stdout } = await execa(join(folder, 'harness'), [kernel, ...numbers], { input: bytes });
    return JSON.parse(stdout) as Outcome;
  };
}
