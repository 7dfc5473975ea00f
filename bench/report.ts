/** The measurements as a table a person reads. */
import Table from 'cli-table3';
import type { MachineRates } from './machine.ts';
import type { Measurement } from './measure.ts';

export function formatMachine(processor: string, machine: MachineRates): string {
  const read = (machine.readBytesPerSecond / 1e9).toFixed(1);
  const flops = (machine.matrixFlops / 1e9).toFixed(0);
  return `${processor}, ${machine.cores} cores: reads ${read} GB/s, multiplies ${flops} GFLOP/s (${machine.instruction})`;
}

/**
 * Tokens and milliseconds are the median's, rates and shares the best step's. `machine` columns are of the moment of the row:
 * machines that are shared change from one second to the next.
 */
export function formatMeasurements(measurements: readonly Measurement[]): string {
  const table = new Table({
    head: ['', 'tokens/s', 'ms a step', 'GB/s', 'machine', 'share', 'GFLOP/s', 'machine', 'share'],
    colAligns: ['left', ...Array.from({ length: 8 }, () => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { workload, tokensPerSecond, secondsPerStep, bytesPerSecond, flops, machine } of measurements) {
    table.push([
      workload,
      tokensPerSecond.toFixed(tokensPerSecond < 100 ? 1 : 0),
      (secondsPerStep * 1000).toFixed(2),
      (bytesPerSecond / 1e9).toFixed(1),
      (machine.readBytesPerSecond / 1e9).toFixed(1),
      percent(bytesPerSecond / machine.readBytesPerSecond),
      (flops / 1e9).toFixed(0),
      (machine.matrixFlops / 1e9).toFixed(0),
      percent(flops / machine.matrixFlops),
    ]);
  }
  return table.toString();
}

/** The kernels of a step that take the most time, each beside its roofline on the machine. */
export function formatKernels({ workload, kernels, machine }: Measurement, most = 16): string {
  const total = kernels.reduce((sum, { nanosecondsPerStep }) => sum + nanosecondsPerStep, 0);
  const lines = kernels
    .slice(0, most)
    .map(({ name, launchesPerStep, nanosecondsPerStep, bytesPerStep, flopsPerStep }) =>
      [
        (nanosecondsPerStep / 1000).toFixed(1).padStart(10),
        (floorOf(bytesPerStep, flopsPerStep, machine) * 1e6).toFixed(1).padStart(10),
        percent(nanosecondsPerStep / total).padStart(5),
        String(launchesPerStep).padStart(4),
        ` ${name}`,
      ].join(' '),
    );
  return [`${workload}: us a step, at least, share, launches, kernel`, ...lines].join('\n');
}

/** The roofline: seconds to move the bytes or to compute, whichever is more. */
function floorOf(bytes: number, flops: number, { readBytesPerSecond, matrixFlops }: MachineRates): number {
  return Math.max(bytes / readBytesPerSecond, flops / matrixFlops);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}
