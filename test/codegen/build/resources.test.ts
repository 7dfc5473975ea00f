/** The assembler's report, as nvcc 13.0 prints it. */
import { expect, it } from 'vitest';
import { parseReport } from '../../../codegen/build/resources.ts';

const report = `ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'add_rms_norm' for 'sm_90a'
ptxas info    : Function properties for add_rms_norm
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 48 registers, used 1 barriers
ptxas info    : Compile time = 73.551 ms
ptxas info    : Compiling entry function 'linear_large' for 'sm_90a'
ptxas info    : Function properties for linear_large
    96 bytes stack frame, 40 bytes spill stores, 56 bytes spill loads
ptxas info    : Used 255 registers, used 1 barriers, 96 bytes cumulative stack size, 1024 bytes smem, 512 bytes cmem[0]
ptxas info    : Compile time = 129.783 ms
`;

it('tells registers, memory and spills of each kernel', () => {
  expect(parseReport(report)).toEqual([
    { name: 'add_rms_norm', registers: 48, staticSharedBytes: 0, stackBytes: 0, spillBytes: 0 },
    { name: 'linear_large', registers: 255, staticSharedBytes: 1024, stackBytes: 96, spillBytes: 96 },
  ]);
});

it('refuses a report that it cannot read', () => {
  expect(() => parseReport(`ptxas info : Compiling entry function 'a' for 'sm_80'\n`)).toThrow(/something else/);
});
