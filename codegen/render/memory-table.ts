/** The values of a program as the host's table and the manifest tell of them, in the order of the memory plan. */
import type { Kernel } from '../ir/kernel.ts';
import type { Program } from '../ir/program.ts';
import type { ManifestProgram, ManifestValue } from '../manifest.ts';
import type { MemoryEntry, MemoryPlan } from '../plan/plan.ts';
import type { LoweredUnit } from './library.ts';

/** A launch as the manifest tells of it. */
interface NamedLaunch {
  readonly kernel: {
    readonly name: string;
    readonly kind: Kernel['kind'];
    readonly launch?: {
      readonly block: number;
      readonly sharedBytes: number;
      readonly cluster?: { readonly threads: number };
    };
  };
  readonly anchors: readonly string[];
  readonly label: string;
}

/** The index of each value in the table, by key. */
export function memoryPlaces(plan: MemoryPlan): ReadonlyMap<string, number> {
  return new Map(plan.entries.map((entry, index) => [entry.key, index]));
}

/** A row of the host's table of values. */
export function valueHoles(entry: MemoryEntry, program: Program): Readonly<Record<string, unknown>> {
  const value = program.values.get(entry.key);
  if (!value) throw new Error(`the plan names ${entry.key}, which the program does not have`);
  return {
    name: value.name,
    kind: entry.kind,
    storage: value.storage,
    slot: entry.slot,
    pageElements: pageElements(value.paged),
    rank: value.shape.length,
    extents:
      value.shape
        .map((extent) => (typeof extent === 'number' ? extent : -1 - program.counts.indexOf(extent)))
        .join(', ') || '0',
  };
}

function pageElements(paged: { readonly fields: readonly { readonly shape: readonly number[] }[] } | null): number {
  return (paged?.fields ?? []).reduce(
    (sum, field) => sum + field.shape.reduce((product, extent) => product * extent, 1),
    0,
  );
}

export function manifestProgram({ program, plan }: LoweredUnit, launches: readonly NamedLaunch[]): ManifestProgram {
  const place = memoryPlaces(plan);
  const lines = linesByAnchor(program);
  const results: Record<string, number> = {};
  for (const [name, key] of program.results) {
    const index = place.get(program.values.get(key)?.aliasOf ?? key);
    if (index === undefined) throw new Error(`result ${name} has no memory`);
    results[name] = index;
  }
  return {
    name: program.name,
    counts: program.counts,
    values: plan.entries.map((entry) => manifestValue(entry, program)),
    kernels: launches.map(({ kernel, label, anchors }) => ({
      name: kernel.name,
      label,
      class: kernel.kind,
      anchors,
      lines: [...new Set(anchors.flatMap((anchor) => [...(lines.get(anchor) ?? [])]))],
      ...(kernel.launch && { threads: kernel.launch.block, sharedBytes: kernel.launch.sharedBytes }),
      ...(kernel.launch?.cluster && { clusterThreads: kernel.launch.cluster.threads }),
    })),
    results,
  };
}

function manifestValue(entry: MemoryEntry, program: Program): ManifestValue {
  const value = program.values.get(entry.key);
  if (!value) throw new Error(`the plan names ${entry.key}, which the program does not have`);
  const { role } = value;
  return {
    name: role.kind === 'intermediate' ? value.name : role.name,
    kind: entry.kind,
    storage: value.storage,
    shape: value.shape,
    pageElements: pageElements(value.paged),
    ...(role.kind === 'weight' ? { segments: role.segments } : {}),
    ...(role.kind === 'constant' ? { data: role.data } : {}),
  };
}

/** Where each anchor's definitions stand, each line once. */
function linesByAnchor(program: Program): ReadonlyMap<string, ReadonlySet<string>> {
  const lines = new Map<string, Set<string>>();
  for (const { anchor, definition } of program.definitions) {
    const { file, line } = definition.span;
    const own = lines.get(anchor) ?? new Set<string>();
    lines.set(anchor, own.add(`${file.split('/').at(-1) ?? ''}:${line}`));
  }
  return lines;
}
