/** What a kernel takes of a multiprocessor, as NVIDIA's assembler reports it (`ptxas -v`). */
import { readdirSync } from 'node:fs';

export interface KernelResources {
  readonly name: string;
  /** A thread. */
  readonly registers: number;
  /** Shared memory of a block beside what a launch asks for. */
  readonly staticSharedBytes: number;
  /** Local memory of a thread for arrays that are no registers; it lies in device memory. */
  readonly stackBytes: number;
  /** Local memory written and read for want of registers. */
  readonly spillBytes: number;
}

/** The file of the report beside a .cu file. */
export function reportPath(source: string, architecture: string): string {
  return source.replace(/\.cu$/, `.${architecture}.ptxas.txt`);
}

/** The reports of a built library's folder. */
export function reportsIn(directory: string): readonly { readonly path: string; readonly architecture: string }[] {
  return readdirSync(directory).flatMap((path) => {
    const architecture = /\.(sm_\w+)\.ptxas\.txt$/.exec(path)?.[1];
    return architecture === undefined ? [] : [{ path, architecture }];
  });
}

/** The kernels of a report, in its order, with the functions that they call. */
export function parseReport(report: string): readonly KernelResources[] {
  return report
    .split(/Compiling entry function /)
    .slice(1)
    .map((text) => {
      const bytes = (what: string): readonly number[] =>
        [...text.matchAll(new RegExp(`(\\d+) bytes ${what}`, 'g'))].map(([, number]) => Number(number));
      const name = /^'(\w+)'/.exec(text)?.[1];
      const registers = /Used (\d+) registers/.exec(text)?.[1];
      if (name === undefined || registers === undefined)
        throw new Error(`ptxas told something else than expected:\n${text}`);
      return {
        name,
        registers: Number(registers),
        staticSharedBytes: Math.max(0, ...bytes('smem')),
        stackBytes: Math.max(0, ...bytes('stack frame')),
        spillBytes: [...bytes('spill stores'), ...bytes('spill loads')].reduce((sum, each) => sum + each, 0),
      };
    });
}
