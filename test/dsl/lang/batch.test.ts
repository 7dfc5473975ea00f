import { expect, it } from 'vitest';
import { contextLen, pos, seq, seqLen, seqStart, slot, slotOf, withBatch } from '../../../dsl/lang/batch.ts';

/** Three sequences: a chunk behind 9 cached tokens, a decode step, and a sequence without tokens; one token of padding. */
const batch = {
  cuSeqlens: [0, 3, 4, 4],
  contextLens: [12, 5, 8],
  blockTable: [
    [7, 2, 4],
    [1, 3],
    [0, 5],
  ],
  blockSize: 4,
};

const tokens = [0, 1, 2, 3, 4];

it('tells sequence, position and slot of each token', () => {
  withBatch(batch, () => {
    expect(tokens.map(seq)).toEqual([0, 0, 0, 1, 0]);
    expect(tokens.map(pos)).toEqual([9, 10, 11, 4, -1]);
    expect(tokens.map(slot)).toEqual([17, 18, 19, 12, -1]);
    expect([0, 1, 2].map(seqStart)).toEqual([0, 3, 4]);
    expect([0, 1, 2].map(seqLen)).toEqual([3, 1, 0]);
    expect([0, 1, 2].map(contextLen)).toEqual([12, 5, 8]);
    expect(slotOf(0, 0)).toBe(28);
  });
});

it('takes slots that are given, so that tokens can be skipped', () => {
  withBatch({ ...batch, slot: [-1, 5, -1, 0, -1] }, () => expect(tokens.map(slot)).toEqual([-1, 5, -1, 0, -1]));
});

it('refuses questions outside of a batch and positions without a block', () => {
  expect(() => pos(0)).toThrow('outside of a ragged batch');
  withBatch(batch, () => expect(() => slotOf(1, 8)).toThrow('sequence 1 has no block for position 8'));
  withBatch({ cuSeqlens: [0, 1], contextLens: [1] }, () => expect(() => slot(0)).toThrow('no block table'));
});
