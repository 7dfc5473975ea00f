/** Runs the workloads of one shape and sets what they reach against what the machine can do. */
import { compileModel } from '../codegen/model.ts';
import { readCheckpointWeights } from '../runtime/checkpoint-weights.ts';
import { type NativeStepEngine, openEngine } from '../runtime/engine.ts';
import { stepBytes, stepFlops } from './cost.ts';
import { type LaunchCost, launchCosts } from './launch-costs.ts';
import { bestOf, H200, type MachineRates, measureMachine } from './machine.ts';
import type { Shape } from './shapes.ts';
import { SESSIONS, timeSteps, type Workload } from './workload.ts';

export interface Measurement {
  readonly workload: string;
  readonly tokensPerSecond: number;
  /** The median over `steps` of them. */
  readonly secondsPerStep: number;
  readonly steps: number;
  /** Of the least disturbed step: what the machine can do is the best of several runs as well. */
  readonly bytesPerSecond: number;
  readonly flops: number;
  /** The machine, measured right before and after, the better of the two; of a GPU what one is known to reach. */
  readonly machine: MachineRates;
  /** Nanoseconds a step by kernel, the slowest first. */
  readonly kernels: readonly KernelTime[];
}

export interface KernelTime {
  readonly name: string;
  readonly launchesPerStep: number;
  readonly nanosecondsPerStep: number;
  /** What its launches must move and compute; 0 for the later ones of a kernel that is several. */
  readonly bytesPerStep: number;
  readonly flopsPerStep: number;
}

export interface MeasureOptions {
  readonly target: 'cpu' | 'cuda';
  /** The folder of a built engine for the shape; one is built where it is absent. */
  readonly engine?: string | undefined;
  /** 0: one a physical core. */
  readonly threads: number;
  /** Time that each workload is given, in seconds. */
  readonly seconds: number;
}

/** A fraction of what a measurement takes: shares of a step need less care than its length. */
const KERNEL_SECONDS = 0.3;

export async function measureShape(shape: Shape, options: MeasureOptions): Promise<readonly Measurement[]> {
  const { target } = options;
  const directory = await engineFor(shape, options);
  const weights = await readCheckpointWeights(shape.checkpoint);
  const measurements: Measurement[] = [];
  for (const { workloads, limits } of SESSIONS[target]) {
    const engine = openEngine(directory, weights, { ...limits, threads: options.threads });
    const costsOf = await launchCosts(shape.checkpoint, target, engine.program.kernels);
    try {
      let before = await ratesOf(target);
      for (const workload of workloads) {
        const seconds = timeSteps(engine, workload, options.seconds);
        const kernels = timeKernels(engine, workload, costsOf(workload));
        const after = await ratesOf(target);
        measurements.push(describe(shape, workload, seconds, kernels, bestOf(before, after)));
        before = after;
      }
    } finally {
      engine.close();
    }
  }
  return measurements;
}

/** The folder of the engine to measure, built where none is given. */
export async function engineFor({ checkpoint }: Shape, { engine, target }: MeasureOptions): Promise<string> {
  return engine ?? (await compileModel(checkpoint, { target })).directory;
}

async function ratesOf(target: 'cpu' | 'cuda'): Promise<MachineRates> {
  return target === 'cuda' ? H200 : await measureMachine();
}

function describe(
  { config }: Shape,
  workload: Workload,
  seconds: readonly number[],
  kernels: readonly KernelTime[],
  machine: MachineRates,
): Measurement {
  const secondsPerStep = median(seconds);
  return {
    workload: workload.name,
    tokensPerSecond: (workload.sequences * workload.tokensPerSequence) / secondsPerStep,
    secondsPerStep,
    steps: seconds.length,
    bytesPerSecond: stepBytes(config, workload) / Math.min(...seconds),
    flops: stepFlops(config, workload) / Math.min(...seconds),
    machine,
    kernels,
  };
}

/** Apart from the measurement, since reading the clock at every kernel costs time of its own. */
function timeKernels(
  engine: NativeStepEngine,
  workload: Workload,
  costs: ReadonlyMap<number, LaunchCost>,
): readonly KernelTime[] {
  const { native, program } = engine;
  let before = 0;
  timeSteps(engine, workload, KERNEL_SECONDS, () => {
    native.timings(true, program.kernels.length);
    before = native.stats().steps;
  });
  const steps = native.stats().steps - before;
  const times = native.timings(false, program.kernels.length);
  const byName = new Map<string, KernelTime>();
  let counted: LaunchCost | undefined;
  program.kernels.forEach(({ name }, index) => {
    // One of several forms of a kernel runs, by the number of rows.
    if (!times[index]) return;
    const own = costs.get(index);
    const { bytes, flops } = own && own !== counted ? own : { bytes: 0, flops: 0 };
    counted = own;
    const entry = byName.get(name);
    byName.set(name, {
      name,
      launchesPerStep: (entry?.launchesPerStep ?? 0) + 1,
      nanosecondsPerStep: (entry?.nanosecondsPerStep ?? 0) + (times[index] ?? 0) / steps,
      bytesPerStep: (entry?.bytesPerStep ?? 0) + bytes,
      flopsPerStep: (entry?.flopsPerStep ?? 0) + flops,
    });
  });
  return [...byName.values()].sort((a, b) => b.nanosecondsPerStep - a.nanosecondsPerStep);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
