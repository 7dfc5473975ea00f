/**
 * Tests that compile for GPUs. Where nvcc is missing they are skipped, with a line that says so; in CI, which sees to it that nvcc
 * is there, they fail.
 */
import { it } from 'vitest';
import { findNvcc, type NvccResult } from '../../codegen/build/nvcc.ts';

export type Course = 'run' | 'skip' | 'fail';

export function courseOf(found: Pick<NvccResult, 'ok'>, inCi: boolean): Course {
  if (found.ok) return 'run';
  return inCi ? 'fail' : 'skip';
}

const nvcc = await findNvcc();
const course = courseOf(nvcc, process.env.CI === 'true');
let told = false;

/** As vitest's `it`. */
export function itWithNvcc(name: string, body: () => void | Promise<void>, timeout?: number): void {
  if (nvcc.ok) {
    it(name, body, timeout);
    return;
  }
  const { message, mend } = nvcc;
  if (course === 'fail') {
    it(name, () => {
      throw new Error(`${message}. ${mend}`);
    });
    return;
  }
  it.skip(name, body);
  if (!told) console.warn(`skipped what compiles for GPUs: ${message}. ${mend}`);
  told = true;
}
