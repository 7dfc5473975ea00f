/** What the simulated GPU runs, nvcc compiles too. */
import { describe, expect } from 'vitest';
import { GraphLibrary } from '../support/graph-library.ts';
import { itWithNvcc } from '../support/nvcc.ts';
import { buildBatch } from './built.ts';
import { compileBatch } from './compiled.ts';
import { programOfSeed } from './programs/program.ts';

const FIRST = 2_000_000;
const COUNT = 30;

describe('random programs', () => {
  itWithNvcc('compile for GPUs', async () => {
    const programs = Array.from({ length: COUNT }, (_, place) => programOfSeed(FIRST + place));
    const compiled = await compileBatch(programs, 'bf16');
    const accepted = compiled.filter((each) => each.kind === 'accepted');
    expect(accepted.length).toBeGreaterThan(COUNT / 2);
    const built = await buildBatch(accepted, {
      element: 'bf16',
      blockSize: 64,
      target: 'cuda',
      optimization: 'product',
    });
    const failed = built.filter(({ library }) => !(library instanceof GraphLibrary));
    expect(failed.map(({ programs: [first], library }) => [first?.program.source, library])).toEqual([]);
  });
});
