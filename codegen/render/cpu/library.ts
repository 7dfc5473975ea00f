/**
 * Renders a CPU library: each distinct kernel once, the programs that call them, and the manifest. Kernels of one class share a
 * source file, so that few compilers run and each is busy.
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
import { renderAttend } from './attend.ts';
import { renderContract } from './contract.ts';
import { renderNest } from './nest.ts';
import { type Launch, programHoles } from './program.ts';
import type { RenderedKernel } from './signature.ts';

export function renderLibrary(units: readonly LoweredUnit[], options: LibraryOptions): RenderedLibrary {
  const kernels = new KernelSet(options.checked);
  const programs = units.map((unit) => {
    const launches = unit.kernels.map((kernel) => kernels.add(kernel, unit.program));
    return { ...unit, launches };
  });
  const files = new Map<string, string>();
  const sources: string[] = [];
  for (const kind of ['nest', 'contract', 'attend'] as const) {
    const members = kernels.all.filter((kernel) => kernel.kind === kind);
    if (members.length === 0) continue;
    const path = `${kind}.cpp`;
    files.set(path, renderTemplate('cpu/kernels.cpp.njk', { kernels: members.map((kernel) => kernel.text.trimEnd()) }));
    sources.push(path);
  }
  files.set(
    'kernels.h',
    renderTemplate('cpu/kernels.h.njk', { declarations: kernels.all.map(declaration), blockSize: options.blockSize }),
  );
  files.set('programs.cpp', renderTemplate('cpu/programs.cpp.njk', { programs: programs.map(programHoles) }));
  files.set('engine.cpp', readTemplate('host/engine.cpp'));
  sources.push('programs.cpp', 'engine.cpp');
  for (const [path, text] of libraryHeaders(['cpu/lib', 'host/lib'])) files.set(path, text);
  return {
    files,
    sources,
    manifest: {
      version: MANIFEST_VERSION,
      abi: ABI_VERSION,
      target: 'cpu',
      architectures: [],
      blockSize: options.blockSize,
      elements: options.elements,
      programs: programs.map((unit) => manifestProgram(unit, unit.launches)),
      model: options.model,
    },
  };
}

/** Kernels by their text: equal ones share a function, different ones of one name are told apart by a number. */
class KernelSet {
  readonly #byText = new Map<string, RenderedKernel>();
  readonly #rendered = new RenderedOnce<RenderedKernel>();
  readonly #names = new NameTable();
  readonly #checked: boolean;

  constructor(checked: boolean) {
    this.#checked = checked;
  }

  get all(): readonly RenderedKernel[] {
    return [...this.#byText.values()];
  }

  add(kernel: Kernel, program: Program): Launch {
    const [anonymous] = this.#rendered.of(kernel, program, () => [
      renderKernel({ ...kernel, name: PLACEHOLDER }, program, this.#checked),
    ]);
    if (!anonymous) throw new Error(`the kernel ${kernel.name} has no function`);
    let shared = this.#byText.get(anonymous.text);
    if (!shared) {
      const name = this.#names.fresh(kernel.name);
      shared = { ...anonymous, name, text: anonymous.text.replace(PLACEHOLDER, name) };
      this.#byText.set(anonymous.text, shared);
    }
    return { kernel: shared, parameters: anonymous.parameters, anchors: kernel.anchors, label: kernel.label };
  }
}

const PLACEHOLDER = 'kernel_name';

function renderKernel(kernel: Kernel, program: Program, checked: boolean): RenderedKernel {
  switch (kernel.kind) {
    case 'nest':
      return renderNest(kernel, program, checked);
    case 'contract':
      return renderContract(kernel, program, checked);
    case 'attend':
      return renderAttend(kernel, program, checked);
  }
}

function declaration(kernel: RenderedKernel): string {
  const match = /void \w+\([^{]*\)/.exec(kernel.text);
  if (!match) throw new Error(`kernel ${kernel.name} has no signature`);
  return `${match[0]};`;
}
