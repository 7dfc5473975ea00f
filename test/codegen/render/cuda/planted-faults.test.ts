/**
 * Faults planted in the CUDA C of real operators, one edit of the rendered text each: the simulated GPU finds them, and tells the
 * kernel, the author's line, the thread and the memory. Without the edit the same call runs.
 */
import { describe, expect, it } from 'vitest';
import { build } from '../../../../codegen/build/build.ts';
import { compile } from '../../../../codegen/compile.ts';
import { readProgramOperators } from '../../../../codegen/read/program-operators.ts';
import * as operators from '../../../../dsl/ops/index.ts';
import { graphOf, libraryModule } from '../../../../verify/build-cases.ts';
import { drawCall } from '../../../../verify/operator-draws.ts';
import {
  elementsOf,
  type OperatorCase,
  OperatorLibrary,
  operatorCase,
  runOracle,
} from '../../../../verify/operator-library.ts';
import { expectSame } from '../../../support/operator-suite.ts';
import { simulated } from '../../../support/simulation.ts';

interface Fault {
  readonly title: string;
  readonly subject: OperatorCase;
  readonly rows: number;
  /** In `file`, each occurrence of `from` becomes `to`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly report: RegExp;
}

const norm = operatorCase('rmsNorm', operators.rmsNorm, { H: 576 }, { eps: 1e-5 });
const product = operatorCase('linear', operators.linear, { N: 64, K: 128 });
const gather = operatorCase('selectRows', operators.selectRows, { H: 33 });
const attention = operatorCase('pagedAttention', operators.pagedAttention, { HQ: 2, HK: 1, D: 40 }, { scale: 0.2 });

const faults: readonly Fault[] = [
  {
    title: 'a missing barrier between the partial sums of a product and their sum',
    subject: product,
    rows: 3,
    file: 'contract.cu',
    from: '  __syncthreads();\n  for (int element',
    to: '  for (int element',
    report:
      /^kernel linear\w* \(linear\.y\) failed: (race|read of unwritten memory): thread \d+ \w+ 4 bytes at shared \+ \d+, which .* \(block 0\); linear\.ts:\d+$/,
  },
  {
    title: 'a missing barrier in the reduction over the warps of a block',
    subject: norm,
    rows: 3,
    file: 'lib/block.cuh',
    from: '[i * warps + warp()] = x[i];\n    }\n    sync();\n',
    to: '[i * warps + warp()] = x[i];\n    }\n',
    report:
      /^kernel rms_norm \(rmsNorm\.y\) failed: read of unwritten memory: thread \d+ reads 4 bytes at shared \+ \d+, which no/,
  },
  {
    title: 'a bound that is one too high',
    subject: gather,
    rows: 3,
    file: 'nest.cu',
    from: 'h < 33;',
    to: 'h < 34;',
    report:
      /^kernel select_rows \(selectRows\.y\) failed: out of bounds: thread 1 reads 2 bytes at x \+ 198, which has 198 bytes \(block 0\); sel/,
  },
  {
    title: 'a key too many at the end of a context',
    subject: attention,
    rows: 3,
    file: 'attend.cu',
    from: 'batch.pos[t] + 1',
    to: 'batch.pos[t] + 63',
    report:
      /^kernel paged_attention\w* \(pagedAttention\.o\) failed: out of bounds: thread \d+ reads \d+ bytes at batch\.block_table \+ /,
  },
  {
    title: 'a missed wait for the copies of a stage',
    subject: product,
    rows: 70,
    file: 'lib/mma_tile.cuh',
    from: '      wait_for_copies<STAGES - 2>();\n',
    to: '',
    report:
      /^kernel linear\w* \(linear\.y\) failed: copy not waited for: thread \d+ reads 16 bytes at shared \+ \d+, where a copy that thread \d+ started/,
  },
  {
    title: 'a wait that leaves a copy too many under way',
    subject: product,
    rows: 70,
    file: 'lib/mma_tile.cuh',
    from: 'wait_for_copies<STAGES - 2>();',
    to: 'wait_for_copies<STAGES - 1>();',
    report:
      /^kernel linear\w* \(linear\.y\) failed: copy not waited for: thread \d+ reads 16 bytes at shared \+ \d+, where a copy/,
  },
];

describe('a planted fault is found', () => {
  it.each(faults)('$title', async (fault) => {
    const { subject } = fault;
    const draw = { seed: 11, rows: fault.rows, ties: false, special: false, skipped: false };
    const call = drawCall(subject, { ...draw, sequences: [{ tokens: 3, cached: 60 }] }, 'bf16', 64);
    const right = await libraryOf(subject, null);
    expectSame(right, subject, call, right.run(subject, call), runOracle(subject, call, 'bf16'));
    const wrong = await libraryOf(subject, fault);
    expect(() => wrong.run(subject, call)).toThrow(fault.report);
    // A step that failed leaves nothing behind.
    expect(() => wrong.run(subject, call)).toThrow(fault.report);
  });
});

async function libraryOf(
  subject: OperatorCase,
  edit: Pick<Fault, 'file' | 'from' | 'to'> | null,
): Promise<OperatorLibrary> {
  const read = await readProgramOperators([libraryModule]);
  const compiled = compile([graphOf(subject)], read.ir, { elements: elementsOf('bf16'), ...simulated });
  expect(compiled.diagnostics).toEqual([]);
  const { library } = compiled.ir;
  const files = new Map(library.files);
  if (edit !== null) {
    const text = files.get(edit.file) ?? '';
    expect(text, edit.file).toContain(edit.from);
    files.set(edit.file, text.replaceAll(edit.from, edit.to));
  }
  const built = await build({ ...library, files });
  if (!built.ok) throw new Error(built.message);
  return new OperatorLibrary(built.directory, 'bf16');
}
