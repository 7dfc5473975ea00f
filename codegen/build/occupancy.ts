/**
 * How many blocks of a kernel a multiprocessor holds at once. Limits and allocation units are those of the CUDA C++ Programming
 * Guide, "Technical Specifications per Compute Capability", and of cuda_occupancy.h in NVIDIA's toolkit.
 */

/** What one block asks for. */
export interface BlockResources {
  readonly threads: number;
  /** A thread. */
  readonly registers: number;
  /** Static and dynamic together. */
  readonly sharedBytes: number;
}

export interface Occupancy {
  /** Blocks on a multiprocessor; 0 where one does not fit. */
  readonly blocks: number;
  /** Resident warps of those that a multiprocessor can hold, 0 to 1. */
  readonly share: number;
  readonly limitedBy: 'registers' | 'shared memory' | 'warps' | 'blocks';
}

interface Multiprocessor {
  readonly warps: number;
  readonly blocks: number;
  readonly sharedBytes: number;
}

const multiprocessors: Readonly<Record<string, Multiprocessor>> = {
  '80': { warps: 64, blocks: 32, sharedBytes: 164 * 1024 },
  '86': { warps: 48, blocks: 16, sharedBytes: 100 * 1024 },
  '89': { warps: 48, blocks: 24, sharedBytes: 100 * 1024 },
  '90': { warps: 64, blocks: 32, sharedBytes: 228 * 1024 },
};

const WARP = 32;
/** A multiprocessor's four partitions have registers of their own, given to a warp in units. */
const PARTITIONS = 4;
const PARTITION_REGISTERS = 16_384;
const REGISTER_UNIT = 256;
const SHARED_UNIT = 128;
/** Of every block, for the system; a block may have all of the rest. */
const RESERVED_SHARED_BYTES = 1024;

/** `architecture` such as `sm_90a`. Null for one whose limits are not listed here. */
export function occupancy(architecture: string, block: BlockResources): Occupancy | null {
  const limits = multiprocessors[/\d+/.exec(architecture)?.[0] ?? ''];
  if (limits === undefined) return null;
  const warps = Math.ceil(block.threads / WARP);
  const registersOfWarp = roundUp(block.registers * WARP, REGISTER_UNIT);
  const warpsByRegisters = PARTITIONS * Math.floor(PARTITION_REGISTERS / registersOfWarp);
  const sharedBytes = roundUp(block.sharedBytes + RESERVED_SHARED_BYTES, SHARED_UNIT);
  const byLimit = [
    ['registers', Math.floor(warpsByRegisters / warps)],
    ['shared memory', Math.floor(limits.sharedBytes / sharedBytes)],
    ['warps', Math.floor(limits.warps / warps)],
    ['blocks', limits.blocks],
  ] as const;
  const [limitedBy, blocks] = byLimit.reduce((least, each) => (each[1] < least[1] ? each : least));
  return { blocks, share: (blocks * warps) / limits.warps, limitedBy };
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
