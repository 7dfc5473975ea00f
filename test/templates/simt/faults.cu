// Kernels with one mistake each, and beside it the kernel without.
#include "lib/kernel.cuh"

namespace ws {

using uint = uint32_t;

#define KERNEL(name) extern "C" __global__ void name(const uint* in, uint* out)
#define SHARED extern __shared__ __align__(16) char shared[]; uint* const words = reinterpret_cast<uint*>(shared)

#define ALL_WRITTEN words[threadIdx.x] = 0; __syncthreads()

// 64 threads, each reads what its neighbour wrote.
KERNEL(missing_barrier) {
  SHARED;
  ALL_WRITTEN;
  words[threadIdx.x] = in[threadIdx.x];
  out[threadIdx.x] = words[(threadIdx.x + 1) % 64];
}
KERNEL(with_barrier) {
  SHARED;
  words[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = words[(threadIdx.x + 1) % 64];
}
// The same of elements that are structs.
KERNEL(missing_barrier_of_elements) {
  SHARED;
  ALL_WRITTEN;
  const f16* const row = reinterpret_cast<f16*>(words);
  f16& own = reinterpret_cast<f16*>(words)[2 * threadIdx.x];
  own = from_f32<f16>(in[threadIdx.x]);
  out[threadIdx.x] = to_f32(row[2 * ((threadIdx.x + 1) % 64)]);
}
KERNEL(elements_with_barrier) {
  SHARED;
  const f16* const row = reinterpret_cast<f16*>(words);
  f16& own = reinterpret_cast<f16*>(words)[2 * threadIdx.x];
  own = from_f32<f16>(in[threadIdx.x]);
  __syncthreads();
  const f16 read = row[2 * ((threadIdx.x + 1) % 64)];
  out[threadIdx.x] = to_f32(read);
}
KERNEL(overwritten) {
  SHARED;
  words[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  const uint read = words[(threadIdx.x + 1) % 64];
  words[threadIdx.x] = read;
}
KERNEL(two_writers) {
  SHARED;
  words[threadIdx.x / 2] = threadIdx.x;
}

// Within a warp: 32 threads.
KERNEL(missing_warp_barrier) {
  SHARED;
  ALL_WRITTEN;
  words[threadIdx.x] = in[threadIdx.x];
  out[threadIdx.x] = words[31 - threadIdx.x];
}
KERNEL(shuffle_is_no_barrier) {
  SHARED;
  ALL_WRITTEN;
  words[threadIdx.x] = in[threadIdx.x];
  out[32] = __shfl_sync(~0u, threadIdx.x, 0) == 0 && threadIdx.x == 0;
  out[threadIdx.x] = words[31 - threadIdx.x];
}
KERNEL(with_warp_barrier) {
  SHARED;
  for (int round = 0; round < 3; ++round) {
    words[threadIdx.x] = in[threadIdx.x] + round;
    __syncwarp();
    out[threadIdx.x] = words[31 - threadIdx.x];
    __syncwarp();
  }
}
KERNEL(warp_barrier_between_warps) {
  SHARED;
  ALL_WRITTEN;
  words[threadIdx.x] = in[threadIdx.x];
  __syncwarp();
  out[threadIdx.x] = words[63 - threadIdx.x];
}

// Device memory.
KERNEL(race_in_device_memory) {
  out[threadIdx.x] = in[threadIdx.x];
  out[64 + threadIdx.x] = out[63 - threadIdx.x];
}
KERNEL(blocks_meet) { out[threadIdx.x] = blockIdx.x; }
KERNEL(blocks_apart) { out[blockIdx.x * 64 + threadIdx.x] = blockIdx.x; }
KERNEL(read_past_the_end) { out[threadIdx.x] = in[threadIdx.x + 1]; }
KERNEL(write_before_the_begin) { out[int(threadIdx.x) - 1] = 0; }
KERNEL(write_of_null) {
  uint* const nothing = reinterpret_cast<uint*>(uintptr_t(in[0]));
  nothing[threadIdx.x] = 1;
}

// Shared memory of 256 bytes.
KERNEL(past_shared_memory) {
  SHARED;
  words[threadIdx.x + 1] = 0;
}
KERNEL(unwritten) {
  SHARED;
  if (threadIdx.x != 5) words[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = words[threadIdx.x];
}
KERNEL(unwritten_in_this_block) {
  SHARED;
  if (blockIdx.x == 0) words[threadIdx.x] = 1;
  __syncthreads();
  out[blockIdx.x * 64 + threadIdx.x] = words[threadIdx.x];
}

// Barriers that not all come to.
KERNEL(half_return) {
  if (threadIdx.x >= 32) return;
  __syncthreads();
}
KERNEL(half_elsewhere) {
  if (threadIdx.x >= 32) __syncthreads();
  else
    __syncthreads();
}
KERNEL(barrier_against_shuffle) {
  if (threadIdx.x == 3) __syncthreads();
  else out[threadIdx.x] = __shfl_sync(~0u, threadIdx.x, 0);
}
KERNEL(lane_missing) {
  if (threadIdx.x != 7) out[threadIdx.x] = __shfl_xor_sync(~0u, threadIdx.x, 1);
}
KERNEL(lane_without_part) {
  if (threadIdx.x < 16) out[threadIdx.x] = __shfl_sync(0xffffu, threadIdx.x, 20);
}
KERNEL(lane_not_in_its_mask) { out[threadIdx.x] = __ballot_sync(0xffffu, 1); }
KERNEL(halves_apart) {
  if (threadIdx.x < 16) out[threadIdx.x] = __shfl_sync(0xffffu, threadIdx.x, 3);
  else out[threadIdx.x] = __shfl_sync(0xffff0000u, threadIdx.x, 20);
}

// Copies from device memory: 64 threads, 16 bytes each.
KERNEL(copy_read_before_its_wait) {
  SHARED;
  copy_16_async(shared + threadIdx.x * 16, in + threadIdx.x * 4, true);
  commit_copies();
  out[threadIdx.x] = words[threadIdx.x * 4];
}
KERNEL(copy_overwritten_before_its_wait) {
  SHARED;
  copy_16_async(shared + threadIdx.x * 16, in + threadIdx.x * 4, true);
  words[threadIdx.x * 4] = 0;
}
KERNEL(copy_waited_for_by_its_thread_alone) {
  SHARED;
  for (int i = 0; i < 4; ++i) words[threadIdx.x * 4 + i] = 0;
  __syncthreads();
  copy_16_async(shared + threadIdx.x * 16, in + threadIdx.x * 4, true);
  commit_copies();
  wait_for_copies<0>();
  out[threadIdx.x] = words[(threadIdx.x + 1) % 64 * 4];
}
KERNEL(copy_not_committed) {
  SHARED;
  copy_16_async(shared + threadIdx.x * 16, in + threadIdx.x * 4, true);
  wait_for_copies<0>();
  __syncthreads();
  out[threadIdx.x] = words[threadIdx.x * 4];
}
KERNEL(copy_of_a_group_that_may_be_pending) {
  SHARED;
  copy_16_async(shared + threadIdx.x * 16, in, true);
  commit_copies();
  copy_16_async(shared + 1024 + threadIdx.x * 16, in, true);
  commit_copies();
  wait_for_copies<1>();
  __syncthreads();
  out[threadIdx.x] = words[threadIdx.x * 4] + words[256 + threadIdx.x * 4];
}
KERNEL(copy_of_unaligned_bytes) {
  SHARED;
  copy_16_async(shared, in + 1, true);
}
KERNEL(copy_from_past_the_end) {
  SHARED;
  copy_16_async(shared + threadIdx.x * 16, in + threadIdx.x * 4 + 4, true);
}

KERNEL(unaligned_vector) { out[threadIdx.x] = load_16(in + 1).x; }
KERNEL(atomic_and_plain) {
  SHARED;
  if (threadIdx.x == 0) words[0] = 0;
  __syncthreads();
  atomicAdd(words, 1u);
  out[threadIdx.x] = words[0];
}
KERNEL(gives_up) {
  if (threadIdx.x == 9) __trap();
}

}  // namespace ws
