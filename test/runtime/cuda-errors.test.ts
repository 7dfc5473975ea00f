/** An error of a GPU names the kernel, what it computes, and the line that it came of. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect } from 'vitest';
import { siluMul } from '../../dsl/ops/silu-mul.ts';
import { buildCases } from '../../verify/build-cases.ts';
import { operatorCase } from '../../verify/operator-library.ts';
import { textOf } from '../house/sources.ts';
import { itWithNvcc } from '../support/nvcc.ts';
import { type StubDriver, stubDriver } from '../support/stub-driver.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const subject = operatorCase('siluMul', siluMul, { H: 64 });

let driver: StubDriver;
beforeAll(async () => {
  driver = await stubDriver();
});
afterAll(() => driver.remove());

/** Launches the program in a process of its own, and submits it twice as a step; what it printed. */
async function launch(directory: string, failing: string): Promise<readonly string[]> {
  const program = `
    import { openLibrary } from '${root}runtime/native.ts';
    import { NO_BATCH, packDescriptor } from '${root}runtime/descriptor.ts';
    import { Program } from '${root}runtime/program.ts';
    const program = new Program(openLibrary(${JSON.stringify(directory)}), ${JSON.stringify(subject.name)}, { capacities: { T: 4 } });
    program.bind({ x: new Uint16Array(4 * 128), y: new Uint16Array(4 * 64) });
    const step = packDescriptor([4], NO_BATCH, [new Int32Array(4 * 64)]);
    const ways = [() => program.launch({ T: 4 }), () => program.native.stepSync(step), () => program.native.submit(step)];
    for (const run of ways) {
      try {
        run();
        console.log('ran');
      } catch (error) {
        console.log(error.message);
      }
    }
    program.close();
  `;
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: root,
    env: { ...driver.environment, STUB_FAILS: failing },
  });
  return stdout.split('\n');
}

itWithNvcc(
  'an error of a launch names its kernel and the line of the operator, and ends the steps of its handle',
  async () => {
    const directory = await buildCases([subject], 'bf16', { target: 'cuda', architectures: ['sm_90a'] });
    const line =
      textOf('dsl/ops/silu-mul.ts')
        .split('\n')
        .findIndex((text) => text.includes('y: (t, h) =>')) + 1;
    const failure = `kernel silu_mul (siluMul.y) failed: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered; silu-mul.ts:${line}`;
    // A launch of an operator has no states to lose; a step has, and those behind it fail as it did.
    expect(await launch(directory, 'silu_mul')).toEqual([failure, failure, failure]);
    expect(await launch(directory, 'another')).toEqual(['ran', 'ran', 'ran']);
  },
);
