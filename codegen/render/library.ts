/** What rendering makes of lowered programs, the same for every target: files, the sources among them, and the manifest. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Kernel } from '../ir/kernel.ts';
import type { ElementBinding, Program } from '../ir/program.ts';
import type { Manifest, ManifestModel } from '../manifest.ts';
import type { MemoryPlan } from '../plan/plan.ts';
import { readTemplate } from './template.ts';

export interface LoweredUnit {
  readonly program: Program;
  readonly kernels: readonly Kernel[];
  readonly plan: MemoryPlan;
}

export interface RenderedLibrary {
  /** Path in the engine's folder to text. */
  readonly files: ReadonlyMap<string, string>;
  /** The files that are compiled, each on its own: .cu for each of the manifest's architectures, .cpp for the host. */
  readonly sources: readonly string[];
  readonly manifest: Omit<Manifest, 'library' | 'processorFeatures'>;
}

export interface LibraryOptions {
  readonly elements: ElementBinding;
  readonly blockSize: number;
  readonly model: ManifestModel | null;
  /** Every access is checked against its tensor's shape; a step that leaves one fails. */
  readonly checked: boolean;
  /** Of GPUs, such as `sm_90a`; none for the CPU. */
  readonly architectures: readonly string[];
}

export const ABI_VERSION = 3;

/** The files of folders of templates/, by their path in an engine: a later folder's file takes the place of its namesake. */
export function libraryHeaders(folders: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const folder of folders) {
    const names = readdirSync(fileURLToPath(new URL(`../../templates/${folder}/`, import.meta.url)));
    for (const name of names.filter((each) => /\.(h|cuh)$/.test(each)))
      headers.set(`lib/${name}`, readTemplate(`${folder}/${name}`));
  }
  return headers;
}
