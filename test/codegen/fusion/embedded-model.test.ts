/** What fuses in the embedded model, counted on a step that ran, and that fusing changes no bit of its results. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NativeStepEngine } from '../../../runtime/engine.ts';
import type { StepResult } from '../../../runtime/engine-interface.ts';
import { kernelsByLayer, kernelsOf, type Ran } from '../../support/launches.ts';
import { prefill, stepAndCount, tinyEngine } from '../../support/tiny-engine.ts';
import { scoredSequences } from '../../support/tiny-model.ts';

const sequences = [[5], ...scoredSequences.slice(0, 2).map(({ ids }) => ids)];

let fused: NativeStepEngine;
let ran: Ran;
beforeAll(async () => {
  fused = await tinyEngine();
  ran = stepAndCount(fused, prefill(fused, sequences));
});
afterAll(() => fused.close());

/** Two norms, four products, attention and what lies between the projection of q, k and v and it. */
test('a layer takes at most 8 launches', () => {
  expect(kernelsByLayer(ran.kernels).size).toBe(4 + 1);
  expect(ran).maxKernelsPerLayer(8);
  // The first layer's norm shares a kernel with the embedding.
  expect(ran).not.maxKernelsPerLayer(7.5);
});

test('the residual and its norm are one kernel', () => {
  const kernels = kernelsOf(ran, 'addRmsNorm');
  expect(kernels).toHaveLength(2 * 4);
  for (const { anchors } of kernels) expect(anchors).toEqual(['addRmsNorm.total', 'addRmsNorm.y']);
});

test('the norms of queries and keys, their rotation and the store into the cache are one kernel', () => {
  expect(ran).toFuse('headNorm', 'rope', 'storeKv');
  for (const operator of ['splitHeads', 'headNorm', 'rope', 'storeKv'])
    expect(kernelsOf(ran, operator)).toHaveLength(4);
});

test('the activation is the epilogue of its product', () => {
  expect(ran).toFuse('linear', 'siluMul');
  expect(kernelsOf(ran, 'siluMul')).toHaveLength(4);
});

test('a product and an attention stay kernels of their own', () => {
  expect(ran).not.toFuse('linear', 'pagedAttention');
  expect(ran).not.toFuse('pagedAttention', 'linear');
});

test.each(['bf16', 'f32'] as const)(
  'in %s, every result is the same bit for bit as with each definition alone',
  async (elements) => {
    const alone = await tinyEngine({ elements, fuse: false });
    const together = elements === 'bf16' ? fused : await tinyEngine({ elements });
    try {
      const apart = stepAndCount(alone, prefill(alone, sequences));
      expect(apart.launches).toBeGreaterThan(2 * ran.launches);
      expect(apart).not.toFuse('headNorm', 'rope', 'storeKv');
      for (const threads of ['first', 'second'])
        expect(bitsOf(together.stepSync(prefill(together, sequences))), threads).toEqual(
          bitsOf(alone.stepSync(prefill(alone, sequences))),
        );
    } finally {
      alone.close();
      if (together !== fused) together.close();
    }
  },
);

/** Copies, as integers, so that equal means equal bits. */
function bitsOf({ token, logprob, topIds, topLogprobs, logits }: StepResult) {
  expect(logits.length).toBe(token.length * 2048);
  expect(token.length).toBeGreaterThan(100);
  return [token, logprob, topIds, topLogprobs, logits].map((values) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
  );
}
