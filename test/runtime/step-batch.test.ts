import { expect, it } from 'vitest';
import { rootHash } from '../../runtime/block-hash.ts';
import { noGenerationDefaults } from '../../runtime/generation-config.ts';
import { resolveSamplingParams } from '../../runtime/sampling-params.ts';
import { Scheduler } from '../../runtime/scheduler.ts';
import { Sequence } from '../../runtime/sequence.ts';
import { StepBatchBuilder } from '../../runtime/step-batch.ts';
import { smallLimits } from './fake-engine.ts';

it('packs a decode and a prompt with its log-probabilities', () => {
  const limits = { ...smallLimits, maxBlocksPerSequence: 3 };
  const params = (given: object) =>
    resolveSamplingParams({ temperature: 0.5, seed: 7, ...given }, noGenerationDefaults, limits);
  const decode = new Sequence(1, [10, 11, 12, 13], params({ frequencyPenalty: 1, topK: 3 }), rootHash(''));
  const prompt = new Sequence(2, [20, 21, 22], params({ promptLogprobs: 0, logitBias: { 3: 1 } }), rootHash(''));
  const scheduler = new Scheduler(limits);
  scheduler.add(decode);
  scheduler.complete(scheduler.schedule()!);
  decode.append(14);
  scheduler.add(prompt);

  const { inputs, ...batch } = new StepBatchBuilder(limits).build(scheduler.schedule()!);
  expect(batch).toEqual({
    tokens: Int32Array.of(14, 20, 21, 22),
    cuSeqlens: Int32Array.of(0, 1, 4),
    contextLens: Int32Array.of(5, 3),
    blockTable: Int32Array.of(...decode.blocks, -1, ...prompt.blocks, -1, -1),
    rows: Int32Array.of(0, 1, 2, 3),
  });
  expect(inputs).toEqual({
    temperature: Float32Array.of(0.5, 0.5, 0.5, 0.5),
    topP: Float32Array.of(1, 1, 1, 1),
    minP: Float32Array.of(0, 0, 0, 0),
    presencePenalty: Float32Array.of(0, 0, 0, 0),
    frequencyPenalty: Float32Array.of(1, 0, 0, 0),
    repetitionPenalty: Float32Array.of(1, 1, 1, 1),
    topK: Int32Array.of(3, 0, 0, 0),
    seed: Int32Array.of(7, 7, 7, 7),
    position: Int32Array.of(5, 1, 2, 3),
    stateRow: Int32Array.of(decode.stateRow, prompt.stateRow, prompt.stateRow, prompt.stateRow),
    usePenalties: Int32Array.of(1, 0, 0, 1),
    keptRow: Int32Array.of(decode.stateRow, -1, -1, prompt.stateRow),
    targets: Int32Array.of(-1, 21, 22, -1),
  });
});

it('packs a decode whose token is not known as a reference to the row of its sequence', () => {
  const params = resolveSamplingParams(
    { maxTokens: 3, minTokens: 1, stopTokenIds: [1] },
    noGenerationDefaults,
    smallLimits,
  );
  const [first, second] = [
    new Sequence(1, [10], params, rootHash('')),
    new Sequence(2, [11, 12], params, rootHash('')),
  ];
  const scheduler = new Scheduler(smallLimits);
  scheduler.add(first, second);
  const builder = new StepBatchBuilder(smallLimits);
  const before = builder.build(scheduler.schedule()!);
  expect([...before.tokens, ...before.inputs.usePenalties!]).toEqual([10, 11, 12, 1, 1]);
  const { tokens, contextLens, inputs } = builder.build(scheduler.schedule()!);
  expect([...tokens]).toEqual([-1 - first.stateRow, -1 - second.stateRow]);
  expect([...contextLens]).toEqual([2, 3]);
  expect(inputs).toMatchObject({
    position: Int32Array.of(2, 3),
    keptRow: Int32Array.of(first.stateRow, second.stateRow),
    // One token has been drawn, known or not: the second may be a stop token.
    usePenalties: Int32Array.of(0, 0),
    targets: Int32Array.of(-1, -1),
  });
});
