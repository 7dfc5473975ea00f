/**
 * The sources of a CUDA library that runs on a simulated GPU: g++ compiles each .cu file behind templates/simt/simt_language.h,
 * and the simulator stands where libcuda would.
 */
import { readTemplate, renderTemplate } from '../template.ts';

/** Whether g++ instruments the loads and stores of a source: those of kernels. */
export function isInstrumented(path: string): boolean {
  return path.endsWith(SUFFIX);
}

const SUFFIX = '.simt.cpp';

/** By path; `kernels` gives the functions of a source by its place. */
export function simulatedSources(
  sources: readonly string[],
  kernels: (source: number) => readonly string[],
): ReadonlyMap<string, string> {
  const table = (source: string): string => `ws_kernels_${source.replace(/\W/g, '_')}`;
  return new Map([
    ...sources.map((source, place): [string, string] => [
      source.replace(/\.cu$/, SUFFIX),
      renderTemplate('simt/kernels.cpp.njk', { source, table: table(source), kernels: kernels(place) }),
    ]),
    ['cubins.cpp', renderTemplate('simt/cubins.cpp.njk', { tables: sources.map(table) })],
    ['simulator.cpp', readTemplate('simt/simulator.cpp')],
    ['driver.cpp', readTemplate('simt/driver.cpp')],
  ]);
}
