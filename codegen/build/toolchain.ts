/** The C++ compiler of this machine and the processor it builds for; both are part of every cache key. */
import { readFileSync } from 'node:fs';
import { outputOf } from './output-of.ts';

export interface Toolchain {
  readonly compiler: string;
  readonly version: string;
  readonly flags: readonly string[];
  /** Behind them, for kernels of a simulated GPU. */
  readonly instrumentation: readonly string[];
  /** Instruction sets that the built code may use, as /proc/cpuinfo spells them. */
  readonly processorFeatures: readonly string[];
}

/** No compiler is an answer with its mend, not an exception. */
export type ToolchainResult =
  | { readonly ok: true; readonly toolchain: Toolchain }
  | { readonly ok: false; readonly message: string; readonly mend: string };

/** Order of sums and NaN are part of the language's meaning, so no flag that lets the compiler change them. */
const FLAGS = [
  '-std=c++20',
  '-O3',
  '-ffp-contract=off',
  // g++ 12 makes vfmaddsub of straight code that subtracts in one lane and adds in the next, against the flag above.
  '-fno-tree-slp-vectorize',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fopenmp-simd',
  '-fPIC',
  '-Wall',
  '-Wno-unused',
  '-Wno-psabi',
];

/**
 * The loader would give all libraries of a process one instance of a static variable in an inline function: the GPU with the
 * kernels of whichever library came first.
 */
const OWN_STATICS = '-fno-gnu-unique';

/**
 * For kernels of a simulated GPU, behind the other flags: every load and store calls the simulator before. Nothing of the
 * sanitizer itself is linked. Kernels write one type into shared memory where they read another. A kernel that runs a few times
 * does not earn back what -O2 takes: of 75 seconds for all operators it costs 14 and saves 3.
 */
const INSTRUMENTATION: readonly string[] = [
  '-O1',
  '-fno-strict-aliasing',
  '-fsanitize=thread',
  '--param=tsan-instrument-func-entry-exit=0',
  '-Wno-unknown-pragmas',
  '-Werror=attributes',
];

/** g++ takes half of such a machine's vectors for loops otherwise, from a time when the whole ones slowed down the clock. */
const WHOLE_VECTORS = '-mprefer-vector-width=512';

/** For the CPU the code is this processor's own; the host program of a GPU runs on any of its kind. */
export async function findToolchain(target: 'cpu' | 'cuda' | 'simulated' = 'cpu'): Promise<ToolchainResult> {
  const compiler = process.env.CXX ?? 'g++';
  const text = await outputOf(compiler, ['--version']);
  if (text === null) {
    return {
      ok: false,
      message: `the C++ compiler ${compiler} could not be run`,
      mend: 'Install g++ 12 or newer (Debian and Ubuntu: apt install g++), or name one in CXX.',
    };
  }
  const version = text.split('\n')[0] ?? '';
  if (target === 'cuda')
    return {
      ok: true,
      toolchain: {
        compiler,
        version,
        flags: [...FLAGS, OWN_STATICS],
        instrumentation: INSTRUMENTATION,
        processorFeatures: [],
      },
    };
  const processorFeatures = processorFlags();
  const wide = processorFeatures.includes('avx512f') ? [WHOLE_VECTORS] : [];
  const flags = [...FLAGS, '-march=native', ...wide, ...(target === 'simulated' ? [OWN_STATICS] : [])];
  return { ok: true, toolchain: { compiler, version, flags, instrumentation: INSTRUMENTATION, processorFeatures } };
}

const RELEVANT = new Set([
  'sse4_2',
  'avx',
  'avx2',
  'fma',
  'f16c',
  'bmi1',
  'bmi2',
  'avx512f',
  'avx512bw',
  'avx512dq',
  'avx512vl',
  'avx512cd',
  'avx512_bf16',
  'avx512_fp16',
  'avx512_vnni',
  'avx512vbmi',
  'avx512_vbmi2',
  'avx512ifma',
  'avx512_bitalg',
  'avx512_vpopcntdq',
  'avx_vnni',
  'amx_bf16',
  'amx_tile',
  'asimd',
  'fphp',
  'asimdhp',
  'asimddp',
  'sve',
  'sve2',
  'bf16',
  'i8mm',
]);

/** Of this machine; empty where the system does not say. */
function processorFlags(): readonly string[] {
  try {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    return line
      .split(' ')
      .filter((flag) => RELEVANT.has(flag))
      .sort();
  } catch {
    return [];
  }
}
