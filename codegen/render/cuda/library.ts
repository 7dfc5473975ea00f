/**
 * Renders a CUDA library: each distinct kernel once in a .cu file of its class, and the host program in C++ that launches them.
 * The host program embeds the machine code that nvcc makes of each .cu file for each architecture.
 */
import type { Kernel } from '../../ir/kernel.ts';
import type { Program } from '../../ir/program.ts';
import { MANIFEST_VERSION } from '../../manifest.ts';
import { NameTable } from '../../names.ts';
import { RenderedOnce } from '../kernel-key.ts';
import {
  ABI_VERSION,
  type LibraryOptions,
  type LoweredUnit,
  libraryHeaders,
  type RenderedLibrary,
} from '../library.ts';
import { manifestProgram } from '../memory-table.ts';
import { readTemplate, renderTemplate } from '../template.ts';
import { isSimulated } from './architectures.ts';
import { type CudaKernel, renderCudaKernel, renderCudaSource } from './kernel.ts';
import { type CudaLaunchPlace, cudaProgramHoles } from './program.ts';
import { simulatedSources } from './simulation.ts';

/** The file of machine code beside a .cu file. */
export function cubinPath(source: string, architecture: string): string {
  return source.replace(/\.cu$/, `.${architecture}.cubin`);
}

/** The host source that embeds them. */
export const CUBINS_SOURCE = 'cubins.cpp';

const CLASSES = ['nest', 'contract', 'attend'] as const;

export function renderCudaLibrary(units: readonly LoweredUnit[], options: LibraryOptions): RenderedLibrary {
  const kernels = new CudaKernelSet(options);
  const programs = units.map((unit) => ({
    ...unit,
    launches: unit.kernels.flatMap((kernel) => kernels.add(kernel, unit.program)),
  }));
  const files = new Map<string, string>();
  const cudaSources: string[] = [];
  const sourceOf = new Map<CudaKernel, number>();
  for (const [path, members] of sourcesOf(kernels.families, options)) {
    for (const kernel of members) sourceOf.set(kernel, cudaSources.length);
    files.set(path, renderCudaSource([...new Set(members.map(({ text }) => text))], options.blockSize));
    cudaSources.push(path);
  }
  const index = new Map(kernels.all.map((kernel, place) => [kernel, place]));
  files.set(
    'programs.cpp',
    renderTemplate('host/cuda/programs.cpp.njk', {
      kernels: kernels.all.map((kernel) => ({
        name: kernel.name,
        source: sourceOf.get(kernel),
        sharedBytes: kernel.launch.sharedBytes,
        clusterBlocks: kernel.launch.cluster?.blocks ?? 0,
        clusterThreads: kernel.launch.cluster?.threads ?? 0,
      })),
      programs: programs.map((unit) => cudaProgramHoles(unit, unit.launches, index)),
      blockSize: options.blockSize,
      checked: options.checked,
    }),
  );
  const simulated = isSimulated(options.architectures);
  const kernelNames = (source: number) =>
    kernels.all.filter((kernel) => sourceOf.get(kernel) === source).map(({ name }) => name);
  const simulation = simulated ? simulatedSources(cudaSources, kernelNames) : new Map<string, string>();
  for (const [path, text] of simulation) files.set(path, text);
  const cubins = cubinHoles(cudaSources, options.architectures);
  if (!simulated) files.set(CUBINS_SOURCE, renderTemplate('host/cuda/cubins.cpp.njk', cubins));
  files.set('engine.cpp', readTemplate('host/engine.cpp'));
  const folders = ['cuda/lib', 'host/lib', 'host/cuda', ...(simulated ? ['simt'] : [])];
  for (const [path, text] of libraryHeaders(folders)) files.set(path, text);
  // The host converts elements of weights by the functions that the CPU target has for it.
  files.set('lib/types.h', readTemplate('cpu/lib/types.h'));
  return {
    files,
    sources: simulated
      ? [...simulation.keys(), 'programs.cpp', 'engine.cpp']
      : [...cudaSources, 'programs.cpp', CUBINS_SOURCE, 'engine.cpp'],
    manifest: {
      version: MANIFEST_VERSION,
      abi: ABI_VERSION,
      target: 'cuda',
      architectures: options.architectures,
      blockSize: options.blockSize,
      elements: options.elements,
      programs: programs.map((unit) => manifestProgram(unit, unit.launches)),
      model: options.model,
    },
  };
}

/**
 * The kernels of each .cu file by its path. A model has a file for each of its few kernels, so that an edit of an operator compiles
 * its own alone, and two for one of several functions, so that two processors share them; in a library, which has hundreds,
 * nvcc's start for each would cost more than it saves.
 */
function sourcesOf(
  families: readonly (readonly CudaKernel[])[],
  { model }: LibraryOptions,
): ReadonlyMap<string, readonly CudaKernel[]> {
  const sources = new Map<string, readonly CudaKernel[]>();
  for (const kind of CLASSES) {
    const members = families.filter(([first]) => first?.kind === kind);
    if (model !== null)
      for (const [place, family] of members.entries())
        for (const [part, half] of halves(family).entries())
          sources.set(`${kind}_${place}${family.length > 1 ? `_${part}` : ''}.cu`, half);
    else if (members.length > 0) sources.set(`${kind}.cu`, members.flat());
  }
  return sources;
}

/**
 * Of about equal work for nvcc, which goes with a function's shared memory: both grow with the tile that it is unrolled for. (Of an
 * attend's five functions two take two thirds, of a product's three the one of large tiles a half.)
 */
function halves(family: readonly CudaKernel[]): readonly (readonly CudaKernel[])[] {
  const parts: readonly CudaKernel[][] = [[], []];
  const bytesOf = (part: readonly CudaKernel[]): number =>
    part.reduce((sum, { launch }) => sum + launch.sharedBytes, 0);
  for (const kernel of [...family].sort((a, b) => b.launch.sharedBytes - a.launch.sharedBytes))
    [...parts].sort((a, b) => bytesOf(a) - bytesOf(b))[0]?.push(kernel);
  return parts.filter((part) => part.length > 0);
}

function cubinHoles(sources: readonly string[], architectures: readonly string[]): Readonly<Record<string, unknown>> {
  const cubins = architectures.flatMap((architecture) =>
    sources.map((source, index) => ({
      symbol: `ws_cubin_${index}_${architecture}`,
      path: cubinPath(source, architecture),
      number: /\d+/.exec(architecture)?.[0] ?? '0',
      exact: /\D$/.test(architecture),
      source: index,
    })),
  );
  return { cubins, sourceCount: sources.length };
}

/** Kernels by their text: equal ones share functions, different ones of one name are told apart by a number. */
class CudaKernelSet {
  readonly #byText = new Map<string, readonly CudaKernel[]>();
  readonly #rendered = new RenderedOnce<CudaKernel>();
  readonly #names = new NameTable();
  readonly #options: LibraryOptions;

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  get all(): readonly CudaKernel[] {
    return this.families.flat();
  }

  /** The kernels that came of one kernel each. */
  get families(): readonly (readonly CudaKernel[])[] {
    return [...this.#byText.values()];
  }

  add(kernel: Kernel, program: Program): readonly CudaLaunchPlace[] {
    const anonymous = this.#rendered.of(kernel, program, () =>
      renderCudaKernel({ ...kernel, name: PLACEHOLDER }, program, this.#options),
    );
    const text = anonymous.map((each) => each.text).join('\n');
    let shared = this.#byText.get(text);
    if (!shared) {
      const name = this.#names.fresh(kernel.name);
      const named = (value: string): string => value.replaceAll(PLACEHOLDER, name);
      shared = anonymous.map((each) => ({ ...each, name: named(each.name), text: named(each.text) }));
      this.#byText.set(text, shared);
    }
    return shared.map((each, place) => ({
      kernel: each,
      parameters: anonymous[place]?.parameters ?? [],
      anchors: kernel.anchors,
      label: kernel.label,
    }));
  }
}

const PLACEHOLDER = 'kernel_name';
