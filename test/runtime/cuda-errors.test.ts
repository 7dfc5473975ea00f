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

/** Launches the program in a process of its own; what it printed. */
async function launch(directory: string, failing: string): Promise<string> {
  const program = `
    import { openLibrary } from '${root}runtime/native.ts';
    import { Program } from '${root}runtime/program.ts';
    const program = new Program(openLibrary(${JSON.stringify(directory)}), ${JSON.stringify(subject.name)}, { capacities: { T: 4 } });
    program.bind({ x: new Uint16Array(4 * 128), y: new Uint16Array(4 * 64) });
    try {
      program.launch({ T: 4 });
      console.log('ran');
    } catch (error) {
      console.log(error.message);
    }
  `;
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: root,
    env: { ...driver.environment, STUB_FAILS: failing },
  });
  return stdout;
}

itWithNvcc('an error of a launch names its kernel and the line of the operator', async () => {
  const directory = await buildCases([subject], 'bf16', { target: 'cuda', architectures: ['sm_90a'] });
  const line =
    textOf('dsl/ops/silu-mul.ts')
      .split('\n')
      .findIndex((text) => text.includes('y: (t, h) =>')) + 1;
  expect(await launch(directory, 'silu_mul')).toBe(
    `kernel silu_mul (siluMul.y) failed: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered; silu-mul.ts:${line}`,
  );
  expect(await launch(directory, 'another')).toBe('ran');
});
