/** The form of an attend for many blocks, on the simulated GPU: there the host's text is edited so that a few blocks are many. */
import { expect, it } from 'vitest';
import { build } from '../../../../codegen/build/build.ts';
import { compile } from '../../../../codegen/compile.ts';
import { readProgramOperators } from '../../../../codegen/read/program-operators.ts';
import { LARGE_GRID } from '../../../../codegen/render/cuda/attend-forms.ts';
import { pagedAttention } from '../../../../dsl/ops/index.ts';
import { graphOf, libraryModule } from '../../../../verify/build-cases.ts';
import type { Sequence } from '../../../../verify/operator-draws.ts';
import { elementsOf, OperatorLibrary, operatorCase, runOracle } from '../../../../verify/operator-library.ts';
import { attentionCall } from '../../../support/attention-calls.ts';
import { expectSame } from '../../../support/operator-suite.ts';
import { simulated } from '../../../support/simulation.ts';

const subject = operatorCase('pagedAttention', pagedAttention, { HQ: 6, HK: 2, D: 24 }, { scale: 0.2 });
const batches: readonly (readonly Sequence[])[] = [
  [{ tokens: 70, cached: 0 }],
  [
    { tokens: 33, cached: 150 },
    { tokens: 1, cached: 64 },
    { tokens: 2, cached: 31 },
  ],
];

it('gives what the oracle gives', async () => {
  const read = await readProgramOperators([libraryModule]);
  const { ir } = compile([graphOf(subject)], read.ir, { elements: elementsOf('bf16'), ...simulated });
  const host = ir.library.files.get('programs.cpp') ?? '';
  expect(host).toContain(`>= ${LARGE_GRID} ?`);
  const edited = host.replaceAll(`>= ${LARGE_GRID} ?`, '>= 1 ?');
  const built = await build({ ...ir.library, files: new Map([...ir.library.files, ['programs.cpp', edited]]) });
  if (!built.ok) throw new Error(built.message);
  const library = new OperatorLibrary(built.directory, 'bf16');
  for (const [seed, sequences] of batches.entries()) {
    const call = attentionCall(subject, sequences, seed, 'bf16');
    expectSame(library, subject, call, library.run(subject, call), runOracle(subject, call, 'bf16'));
  }
});
