/** What the machine reads and multiplies at most, measured by bench/native/machine.cpp. */
import { cpus } from 'node:os';
import { execa } from 'execa';
import { H200 as H200_RATES } from '../codegen/cost.ts';
import { nativeProgram } from './native-program.ts';

export interface MachineRates {
  readonly cores: number;
  /** Of a read loop over 1 GiB, on all cores. */
  readonly readBytesPerSecond: number;
  /** Of `instruction` on registers, on all cores. */
  readonly matrixFlops: number;
  readonly instruction: string;
}

/** An NVIDIA H200, its cores being multiprocessors. */
export const H200: MachineRates = {
  cores: 132,
  readBytesPerSecond: H200_RATES.bytesPerSecond,
  matrixFlops: H200_RATES.flopsPerSecond,
  instruction: 'bf16 on tensor cores, as measured by others',
};

export async function measureMachine(): Promise<MachineRates> {
  const { stdout } = await execa(await nativeProgram('machine'));
  return JSON.parse(stdout) as MachineRates;
}

/** The better of two measurements: whatever disturbs one makes it smaller. */
export function bestOf(a: MachineRates, b: MachineRates): MachineRates {
  return {
    ...a,
    readBytesPerSecond: Math.max(a.readBytesPerSecond, b.readBytesPerSecond),
    matrixFlops: Math.max(a.matrixFlops, b.matrixFlops),
  };
}

export function processorName(): string {
  return cpus()[0]?.model.trim() ?? 'unknown processor';
}

/** The first GPU, as its driver calls it. */
export async function gpuName(): Promise<string> {
  const { stdout, failed } = await execa('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    reject: false,
  });
  return failed ? 'unknown GPU' : (stdout.split('\n')[0] ?? '').trim();
}
