/**
 * Tensor parallelism on the CPU target: the ranks' programs run one after the other, each on its slices of one checkpoint
 * file, and their outputs, joined as the shard says, are those of one rank.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LanguageError } from '../../../dsl/lang/error.ts';
import { requireTensorParallel } from '../../../dsl/models/sharding.ts';
import { readCheckpointWeights } from '../../../runtime/checkpoint-weights.ts';
import { product } from '../../../verify/tensors.ts';
import { relativeError } from '../../../verify/tolerances.ts';
import { writeWeights } from '../../support/checkpoint-files.ts';
import { checkpoint, joined, type Kind, kinds, RankPrograms, sizes } from './rank-programs.ts';

describe.each(['f32', 'bf16'] as const)('in %s', (element) => {
  const directory = mkdtempSync(join(tmpdir(), 'warpsmith-shards-'));
  let programs: RankPrograms;
  beforeAll(async () => {
    writeWeights(directory, checkpoint, element);
    programs = await RankPrograms.build(element, await readCheckpointWeights(directory));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const gathered: readonly Kind[] = [
    'replicated',
    'column',
    'columnBias',
    'merged',
    'qkv',
    'qkvBias',
    'embedding',
    'lmHead',
  ];
  describe.each(sizes)('%i ranks', (size) => {
    test.each(gathered)('%s: the same bits as one rank', (kind) => {
      const whole = programs.outputs(kind, 1);
      const parts = programs.outputs(kind, size);
      expect(whole[0]?.length).toBe(product(kinds[kind].outputShape));
      expect(joined(kind, parts, size)).toEqual(
        joined(
          kind,
          Array.from({ length: size }, () => whole[0] ?? []),
          size,
          'whole',
        ),
      );
    });

    test.each(['row', 'rowBias'] as const)('%s: the sum of the ranks is the whole, the bias in it once', (kind) => {
      const [whole] = programs.outputs(kind, 1);
      const sum = joined(kind, programs.outputs(kind, size), size);
      // Each rank's part is rounded before the sum.
      expect(relativeError(sum, whole ?? [])).toBeLessThanOrEqual(element === 'f32' ? 1e-6 : 2 ** -8);
    });
  });

  test('a bias that every rank added would show', () => {
    const [whole] = programs.outputs('rowBias', 1);
    const [unbiased] = programs.outputs('row', 1);
    expect(relativeError(unbiased ?? [], whole ?? [])).toBeGreaterThan(0.05);
  });
});

test.each([
  [{ numHeads: 9, numKvHeads: 3 }, 2, 'Use 1, 3, 9 ranks.'],
  [{ numHeads: 8, numKvHeads: 2 }, 3, 'Use 1, 2, 4, 8 ranks.'],
  [{ numHeads: 12, numKvHeads: 4 }, 3, 'Use 1, 2, 4, 12 ranks.'],
  [{ numHeads: 8, numKvHeads: 2, vocabSize: 2047 }, 2, 'Use 1 ranks.'],
])('%o among %i ranks is refused, with the sizes that would do', (heads, size, mend) => {
  const config = {
    architecture: 'LlamaForCausalLM',
    hiddenSize: 576,
    intermediateSize: 1728,
    numLayers: 1,
    headDim: 64,
    vocabSize: 4608,
    maxPositions: 512,
    rmsNormEps: 1e-6,
    tieWordEmbeddings: true,
    attentionBias: false,
    mlpBias: false,
    hiddenAct: 'silu',
    rope: { type: 'default', theta: 10000 },
    dtype: 'bfloat16',
    ...heads,
  } as const;
  const refused = () => requireTensorParallel(config, { rank: 0, size });
  expect(refused).toThrow(LanguageError);
  try {
    refused();
  } catch (error) {
    expect(error).toMatchObject({ code: 'tensor-parallel', mend });
  }
});
