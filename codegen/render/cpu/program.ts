/** The host side of a program: the memory table, the calls in order, and what the manifest says of both. */

import type { Program } from '../../ir/program.ts';
import type { ManifestProgram, ManifestValue } from '../../manifest.ts';
import { snakeCase } from '../../names.ts';
import type { MemoryEntry } from '../../plan/plan.ts';
import { cType, type Parameter } from '../kernel-scope.ts';
import type { LoweredUnit } from './library.ts';
import type { RenderedKernel } from './signature.ts';

/** A call of a kernel with the memory of one place in the program. */
export interface Launch {
  readonly kernel: RenderedKernel;
  readonly parameters: readonly Parameter[];
  readonly anchors: readonly string[];
  readonly label: string;
}

type ProgramUnit = LoweredUnit & { readonly launches: readonly Launch[] };

export function programHoles(unit: ProgramUnit): Readonly<Record<string, unknown>> {
  const { program, plan, launches } = unit;
  const place = new Map(plan.entries.map((entry, index) => [entry.key, index]));
  const values = plan.entries.map((entry) => valueHoles(entry, program));
  const counts = new Set(launches.flatMap((launch) => launch.kernel.counts));
  return {
    name: program.name,
    functionName: `run_${snakeCase(program.name).replace(/\W/g, '_')}`,
    values,
    counts: program.counts.flatMap((name, index) => (counts.has(name) ? [{ name, index }] : [])),
    countCount: program.counts.length,
    slots: plan.slots,
    scratchBytes: Math.max(0, ...launches.map((launch) => launch.kernel.scratchBytes)),
    launches: launches.map((launch, index) => ({
      index,
      label: launch.label,
      name: launch.kernel.name,
      arguments: [
        'batch',
        'worker',
        ...launch.kernel.counts,
        ...launch.parameters.map((parameter) => argument(parameter, place)),
      ].join(', '),
    })),
  };
}

function argument(parameter: Parameter, place: ReadonlyMap<string, number>): string {
  const index = place.get(parameter.key);
  if (index === undefined) throw new Error(`${parameter.name} has no memory`);
  const type = cType(parameter.storage);
  if (parameter.form === 'matrix') return `matrix<${type}>(memory[${index}])`;
  return `static_cast<${parameter.written ? '' : 'const '}${type}*>(memory[${index}])`;
}

function valueHoles(entry: MemoryEntry, program: Program): Readonly<Record<string, unknown>> {
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

export function manifestProgram(unit: ProgramUnit): ManifestProgram {
  const { program, plan, launches } = unit;
  const place = new Map(plan.entries.map((entry, index) => [entry.key, index]));
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
    kernels: launches.map((launch) => ({
      name: launch.kernel.name,
      label: launch.label,
      class: launch.kernel.kind,
      anchors: launch.anchors,
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
