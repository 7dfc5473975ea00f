/** The host side of a CUDA program: the memory table and the launches in order. */
import { snakeCase } from '../../names.ts';
import type { Parameter } from '../kernel-scope.ts';
import type { LoweredUnit } from '../library.ts';
import { memoryPlaces, valueHoles } from '../memory-table.ts';
import type { CudaKernel } from './kernel.ts';

/** A launch of a kernel with the memory of one place in the program. */
export interface CudaLaunchPlace {
  readonly kernel: CudaKernel;
  readonly parameters: readonly Parameter[];
  readonly anchors: readonly string[];
  readonly label: string;
}

export function cudaProgramHoles(
  { program, plan }: LoweredUnit,
  launches: readonly CudaLaunchPlace[],
  kernelIndex: ReadonlyMap<CudaKernel, number>,
): Readonly<Record<string, unknown>> {
  const place = memoryPlaces(plan);
  const counts = new Set(launches.flatMap(({ kernel }) => kernel.counts));
  return {
    name: program.name,
    functionName: `run_${snakeCase(program.name).replace(/\W/g, '_')}`,
    values: plan.entries.map((entry) => valueHoles(entry, program)),
    counts: program.counts.flatMap((name, index) => (counts.has(name) ? [{ name, index }] : [])),
    countCount: program.counts.length,
    slots: plan.slots,
    launches: launches.map(({ kernel, parameters, anchors, label }, index) => ({
      index,
      label,
      anchors: anchors.join(', '),
      kernelIndex: kernelIndex.get(kernel),
      name: kernel.name,
      grid: kernel.launch.grid,
      block: kernel.launch.block,
      sharedBytes: kernel.launch.sharedBytes,
      arguments: [
        'batch',
        ...kernel.counts,
        ...parameters.map((parameter) => `memory[${placeOf(parameter, place)}]`),
        ...(kernel.launch.workspaceBytes === undefined ? [] : [`launch.workspace(${kernel.launch.workspaceBytes})`]),
      ].join(', '),
    })),
  };
}

function placeOf(parameter: Parameter, place: ReadonlyMap<string, number>): number {
  const index = place.get(parameter.key);
  if (index === undefined) throw new Error(`${parameter.name} has no memory`);
  return index;
}
