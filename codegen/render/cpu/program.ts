/** The host side of a program: the memory table and the calls in order. */
import { snakeCase } from '../../names.ts';
import { cType, type Parameter } from '../kernel-scope.ts';
import type { LoweredUnit } from '../library.ts';
import { memoryPlaces, valueHoles } from '../memory-table.ts';
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
  const place = memoryPlaces(plan);
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
