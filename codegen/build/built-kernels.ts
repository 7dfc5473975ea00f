/** The kernels of a built CUDA library with what each takes of a multiprocessor, read from the library's folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, ManifestKernel } from '../manifest.ts';
import { type Occupancy, occupancy } from './occupancy.ts';
import { type KernelResources, parseReport, reportsIn } from './resources.ts';

export interface BuiltKernel extends KernelResources {
  readonly architecture: string;
  readonly threads: number;
  /** Of a block: static and dynamic together. */
  readonly sharedBytes: number;
  /** Null for an architecture whose limits are not known. */
  readonly occupancy: Occupancy | null;
}

/** In the order of names and architectures. None for a library of the CPU. */
export function builtKernels(directory: string): readonly BuiltKernel[] {
  const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  const launches = new Map<string, ManifestKernel>(
    manifest.programs.flatMap(({ kernels }) => kernels.map((kernel) => [kernel.name, kernel] as const)),
  );
  return reportsIn(directory)
    .flatMap(({ path, architecture }) =>
      parseReport(readFileSync(join(directory, path), 'utf8')).map((resources): BuiltKernel => {
        const launch = launches.get(resources.name);
        const threads = hasClusters(architecture) ? (launch?.clusterThreads ?? launch?.threads) : launch?.threads;
        if (threads === undefined) throw new Error(`${directory}: the manifest does not launch ${resources.name}`);
        const sharedBytes = resources.staticSharedBytes + (launch?.sharedBytes ?? 0);
        const { registers } = resources;
        return {
          ...resources,
          architecture,
          threads,
          sharedBytes,
          occupancy: occupancy(architecture, { threads, registers, sharedBytes }),
        };
      }),
    )
    .sort((a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture));
}

function hasClusters(architecture: string): boolean {
  return Number(/\d+/.exec(architecture)?.[0]) >= 90;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const HEAD = ['kernel', 'architecture', 'threads', 'registers', 'shared bytes', 'blocks', 'warps', 'limited by', ''];

/** A line a kernel and architecture; `blocks` and `warps` are those that a multiprocessor holds at once. */
export function formatBuiltKernels(kernels: readonly BuiltKernel[]): string {
  const rows = kernels.map((kernel) => [
    kernel.name,
    kernel.architecture,
    kernel.threads,
    kernel.registers,
    kernel.sharedBytes,
    kernel.occupancy?.blocks ?? '?',
    kernel.occupancy ? `${Math.round(kernel.occupancy.share * 100)}%` : '?',
    kernel.occupancy?.limitedBy ?? '',
    localMemory(kernel),
  ]);
  const cells = [HEAD, ...rows.map((row) => row.map(String))];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumber = (column: number): boolean => column >= 2 && column <= 6;
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${cells.map(line).join('\n')}\n`;
}

/** What a kernel should not have; empty where all is well. */
export function localMemory({ stackBytes, spillBytes }: KernelResources): string {
  return [
    ...(spillBytes > 0 ? [`spills ${spillBytes} bytes`] : []),
    ...(stackBytes > 0 ? [`a stack frame of ${stackBytes} bytes`] : []),
  ].join(', ');
}
