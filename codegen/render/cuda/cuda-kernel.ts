/** What the CUDA target makes of a kernel: one function, and how the host launches it. */
import type { RenderedKernel } from '../cpu/signature.ts';

export interface CudaLaunch {
  /** Threads of a block. */
  readonly block: number;
  /** A C expression over the kernel's counts and `batch`: the blocks of a 1-D grid. 0 says that this one is not to run. */
  readonly grid: string;
  /** Dynamic shared memory of a block. */
  readonly sharedBytes: number;
  /** Where there are clusters, each block of the grid is one: of so many blocks, each of so many threads. */
  readonly cluster?: { readonly blocks: number; readonly threads: number };
  /** A C expression, as `grid`: bytes of device memory passed as the last parameter, `void* workspace`. */
  readonly workspaceBytes?: string;
}

/**
 * The text is `extern "C" __global__ void name(const Batch batch, int counts…, pointers…, void* workspace)` and what stands
 * before it. Several kernels of one source run in the order given and share their workspace: the first is as large as the last.
 */
export interface CudaKernel extends RenderedKernel {
  readonly launch: CudaLaunch;
}

export interface CudaOptions {
  /** Positions in a block of the paged cache. */
  readonly blockSize: number;
  /** Every access is checked against its tensor's shape. */
  readonly checked: boolean;
}
