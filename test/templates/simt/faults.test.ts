/** Each kind of mistake is found and told; what stands beside it without the mistake runs. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Launch, type Run, simulate } from './simulator.ts';

let run: Run;
/** The same kernels, with functions that are called. */
let runUnoptimized: Run;
beforeAll(async () => {
  [run, runUnoptimized] = await Promise.all([simulate('faults.cu'), simulate('faults.cu', ['-O0'])]);
});

type Case = readonly [kernel: string, text: RegExp, launch?: Launch];

const warp: Launch = { threads: 32 };
/** 16 bytes a thread. */
const copies: Launch = { input: Uint32Array.from({ length: 256 }, (_, i) => i) };

const cases: Readonly<Record<string, readonly Case[]>> = {
  race: [
    [
      'missing_barrier',
      /^thread (\d+) writes 4 bytes at shared \+ \d+, which thread (?!\1)\d+ read, with no barrier between \(block 0\)$/,
    ],
    ['missing_barrier_of_elements', /^thread 0 writes 2 bytes at shared \+ 0, which thread 63 read, with/],
    ['overwritten', /^thread 0 writes 4 bytes at shared \+ 0, which thread 63 read, with no barrier between/],
    ['two_writers', /^thread 1 writes 4 bytes at shared \+ 0, which thread 0 wrote, with no barrier between/],
    [
      'missing_warp_barrier',
      /^thread \d+ (reads|writes) 4 bytes at shared \+ \d+, which thread \d+ (read|wrote), with/,
      warp,
    ],
    [
      'shuffle_is_no_barrier',
      /^thread \d+ (reads|writes) 4 bytes at shared \+ \d+, which thread \d+ (read|wrote), with/,
      warp,
    ],
    [
      'warp_barrier_between_warps',
      /^thread \d+ (reads|writes) 4 bytes at shared \+ \d+, which thread \d+ (read|wrote), with/,
    ],
    ['race_in_device_memory', /^thread \d+ (reads|writes) 4 bytes at out \+ \d+, which thread \d+ (read|wrote), with/],
    [
      'blocks_meet',
      /^thread 0 writes 4 bytes at out \+ 0, which another block of the launch touched \(block 1\)$/,
      { blocks: 2 },
    ],
    ['atomic_and_plain', /^thread \d+ (reads|writes) 4 bytes at shared \+ 0, which thread \d+ (read|wrote), with/],
    [
      'copy_waited_for_by_its_thread_alone',
      /^thread \d+ writes 16 bytes at shared \+ \d+, which thread \d+ read, with/,
      copies,
    ],
  ],
  'out of bounds': [
    ['read_past_the_end', /^thread 63 reads 4 bytes at in \+ 256, which has 256 bytes \(block 0\)$/],
    ['write_before_the_begin', /^thread 0 writes 4 bytes at out - 4 \(block 0\)$/],
    ['write_of_null', /^thread 0 writes 4 bytes at an address that is no memory of the device/],
    [
      'past_shared_memory',
      /^thread 63 writes 4 bytes at shared \+ 256, past the 256 bytes of the launch/,
      { sharedBytes: 256 },
    ],
    ['copy_from_past_the_end', /^thread 63 reads 16 bytes at in \+ 1024, which has 1024 bytes/, copies],
  ],
  'read of unwritten memory': [
    ['unwritten', /^thread 5 reads 4 bytes at shared \+ 20, which no thread of the block has written/],
    ['unwritten_in_this_block', /which no thread of the block has written \(block 1\)$/, { blocks: 2 }],
  ],
  'divergent barrier': [
    ['half_return', /^32 threads wait at faults\.cu:\d+, 32 threads have ended \(block 0\)$/],
    ['half_elsewhere', /^32 threads wait at faults\.cu:(\d+), 32 threads wait at faults\.cu:(?!\1)\d+/],
    [
      'barrier_against_shuffle',
      /^\d+ threads wait at faults\.cu:(\d+), \d+ threads wait at faults\.cu:(?!\1)\d+/,
      warp,
    ],
    ['lane_missing', /^31 threads wait at faults\.cu:\d+, 1 threads have ended/, warp],
    ['lane_without_part', /^lane 0 takes the value of lane 20, which is not in the shuffle/, warp],
    ['lane_not_in_its_mask', /^a lane is not in the mask that it names, at faults\.cu:\d+/, warp],
  ],
  'copy not waited for': [
    [
      'copy_read_before_its_wait',
      /^thread 0 reads 4 bytes at shared \+ 0, where a copy that thread 0 started has not been/,
      copies,
    ],
    [
      'copy_overwritten_before_its_wait',
      /^thread 0 writes 4 bytes at shared \+ 0, where a copy that thread 0 started/,
      copies,
    ],
    ['copy_not_committed', /^thread \d+ reads 4 bytes at shared \+ \d+, where a copy that thread \d+ started/, copies],
    [
      'copy_of_a_group_that_may_be_pending',
      /reads 4 bytes at shared \+ \d{4}, where a copy that thread \d+ started/,
      copies,
    ],
  ],
  'misaligned access': [
    ['copy_of_unaligned_bytes', /^thread 0 takes 16 aligned bytes at in \+ 4/],
    ['unaligned_vector', /^thread 0 takes 16 aligned bytes at in \+ 4/],
  ],
  trap: [['gives_up', /^thread 9 gave up/]],
  'no fault': [
    ['with_barrier', /^$/],
    ['elements_with_barrier', /^$/],
    ['with_warp_barrier', /^$/, warp],
    ['blocks_apart', /^$/, { blocks: 2 }],
    ['halves_apart', /^$/, warp],
  ],
};

describe.each(Object.entries(cases))('%s', (fault, kernels) => {
  it.each(kernels.map(([kernel, text, launch]) => ({ kernel, text, launch })))(
    '$kernel',
    async ({ kernel, text, launch }) => {
      for (const each of [run, runUnoptimized]) {
        const outcome = await each(kernel, launch);
        expect(outcome.text).toMatch(text);
        expect(outcome.fault).toBe(fault);
      }
    },
  );
});
