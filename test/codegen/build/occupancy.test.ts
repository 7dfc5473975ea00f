/** Occupancy against what NVIDIA's own calculator, cuda_occupancy.h of CUDA 13.0, gives for the same blocks. */
import { describe, expect, it } from 'vitest';
import { occupancy } from '../../../codegen/build/occupancy.ts';

const blocks = [
  { registers: 32, threads: 256, sharedBytes: 0 },
  { registers: 40, threads: 256, sharedBytes: 0 },
  { registers: 128, threads: 256, sharedBytes: 0 },
  { registers: 255, threads: 256, sharedBytes: 0 },
  { registers: 64, threads: 128, sharedBytes: 49_152 },
  { registers: 168, threads: 384, sharedBytes: 200_000 },
  { registers: 24, threads: 1024, sharedBytes: 0 },
  { registers: 33, threads: 96, sharedBytes: 1000 },
  { registers: 72, threads: 32, sharedBytes: 0 },
  { registers: 128, threads: 256, sharedBytes: 100_000 },
];

describe('occupancy', () => {
  it.each([
    ['sm_80', [8, 6, 2, 1, 3, 0, 2, 16, 28, 1]],
    ['sm_86', [6, 6, 2, 1, 2, 0, 1, 16, 16, 1]],
    ['sm_89', [6, 6, 2, 1, 2, 0, 1, 16, 24, 1]],
    ['sm_90a', [8, 6, 2, 1, 4, 1, 2, 16, 28, 2]],
  ])('%s holds as many blocks as NVIDIA says', (architecture, expected) => {
    expect(blocks.map((block) => occupancy(architecture, block)?.blocks)).toEqual(expected);
  });

  it('says what limits it, and the share of the warps that are there', () => {
    expect(occupancy('sm_90a', { registers: 128, threads: 256, sharedBytes: 0 })).toEqual({
      blocks: 2,
      share: 0.25,
      limitedBy: 'registers',
    });
    expect(occupancy('sm_80', { registers: 64, threads: 128, sharedBytes: 49_152 })?.limitedBy).toBe('shared memory');
    expect(occupancy('sm_80', { registers: 24, threads: 1024, sharedBytes: 0 })).toMatchObject({ share: 1 });
  });

  it('is not known of other architectures', () => {
    expect(occupancy('sm_999', { registers: 32, threads: 32, sharedBytes: 0 })).toBeNull();
  });
});
