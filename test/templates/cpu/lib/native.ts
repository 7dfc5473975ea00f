/** Builds a C++ program beside this file with the flags of an engine's build, runs it, and reads what it reports. */
import { mkdtemp, rm } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** The machine at hand, and poorer ones whose code it runs too: AVX2, and no more than every x86-64 has. */
export const machines: readonly string[] = arch() === 'x64' ? ['native', 'x86-64-v3', 'x86-64'] : ['native'];

/** For code that names no vector width: the richest and the poorest. */
export const extremes: readonly string[] = machines.filter((machine) => machine !== 'x86-64-v3');

const flags = ['-std=c++20', '-O3', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math', '-fopenmp-simd'];
const warnings = ['-Wall', '-Wextra', '-Werror'];

/** A report: one number a name, as `report` of report.h prints them. */
export type Facts = Readonly<Record<string, number>>;

/**
 * Runs the program `name`.cpp built for the machine `march`; the numbers it reports. Compiler warnings are errors. A number
 * that JSON has no form for (NaN, an infinity) is reported as null and fails any comparison.
 */
export async function runNative(name: string, march: string, args: readonly string[] = []): Promise<Facts> {
  const folder = await mkdtemp(join(tmpdir(), `warpsmith-${name}-`));
  try {
    const source = fileURLToPath(new URL(`./${name}.cpp`, import.meta.url));
    const program = join(folder, name);
    await execa('g++', [...flags, `-march=${march}`, ...warnings, '-pthread', source, '-o', program]);
    const { stdout } = await execa(program, args);
    return JSON.parse(stdout) as Facts;
  } finally {
    await rm(folder, { recursive: true });
  }
}
