// Kernels whose results are known: what the built-in functions and the wrappers of instructions compute.
#include "lib/kernel.cuh"

namespace ws {

using uint = uint32_t;

#define KERNEL(name) extern "C" __global__ void name(const uint* in, uint* out)
#define SHARED extern __shared__ __align__(16) char shared[]; uint* const words = reinterpret_cast<uint*>(shared)

KERNEL(shuffles) {
  const uint lane = threadIdx.x;
  const uint value = in[lane];
  out[lane] = __shfl_sync(~0u, value, 5);
  out[32 + lane] = __shfl_sync(~0u, value, 9, 8);
  out[64 + lane] = __shfl_up_sync(~0u, value, 3);
  out[96 + lane] = __shfl_down_sync(~0u, value, 3, 16);
  out[128 + lane] = __shfl_xor_sync(~0u, value, 6);
  const double wide = __shfl_xor_sync(~0u, double(value) + 0.5, 1);
  out[160 + lane] = uint(wide * 2.0);
}

KERNEL(votes) {
  const uint lane = threadIdx.x;
  out[lane] = __ballot_sync(~0u, lane % 3 == 0);
  out[32 + lane] = uint(__any_sync(~0u, lane == 40)) * 2 + uint(__all_sync(~0u, lane < 32));
  out[64 + lane] = __match_any_sync(~0u, lane / 5);
  out[96 + lane] = __reduce_add_sync(~0u, lane);
  out[128 + lane] = uint(__reduce_min_sync(~0u, int(lane) - 7));
  out[160 + lane] = __reduce_max_sync(~0u, lane * 0x08000000u);
  out[192 + lane] = __reduce_xor_sync(~0u, lane * lane);
}

/** 96 threads. */
KERNEL(atomics) {
  SHARED;
  if (threadIdx.x < 4) words[threadIdx.x] = 0;
  __syncthreads();
  out[atomicAdd(words, 1u)] = 1;
  atomicMax(words + 1, threadIdx.x * 7 % 96);
  atomicXor(words + 2, threadIdx.x);
  for (uint seen = 0, old = 1; seen != old;) {
    seen = atomicAdd(words + 3, 0u);
    old = atomicCAS(words + 3, seen, seen + threadIdx.x);
  }
  __syncthreads();
  if (threadIdx.x < 4) out[96 + threadIdx.x] = words[threadIdx.x];
  out[128 + threadIdx.x] = uint(__syncthreads_count(threadIdx.x % 5 == 0));
}

/** Each thread's input is changed after its copy was started: what lands is what stands there at the wait. */
KERNEL(copies_land_at_their_wait) {
  SHARED;
  out[threadIdx.x * 4] = 1;
  copy_16_async(shared + threadIdx.x * 16, out + threadIdx.x * 4, true);
  copy_16_async(shared + 1024 + threadIdx.x * 16, out + threadIdx.x * 4, false);
  commit_copies();
  out[threadIdx.x * 4] = 2;
  wait_for_copies<0>();
  out[512 + threadIdx.x] = words[threadIdx.x * 4];
  out[640 + threadIdx.x] = words[256 + threadIdx.x * 4] + 10;
}

template <class T>
WS_DEVICE void multiply(const uint* in, uint* out) {
  const uint lane = threadIdx.x;
  float d[4];
  for (int i = 0; i < 4; ++i) d[i] = __uint_as_float(in[192 + lane * 4 + i]);
  Mma<T>::multiply(d, in[lane * 4], in[lane * 4 + 1], in[lane * 4 + 2], in[lane * 4 + 3], in[128 + lane * 2], in[128 + lane * 2 + 1]);
  for (int i = 0; i < 4; ++i) out[lane * 4 + i] = __float_as_uint(d[i]);
}
/** in: each lane's A (4 words), each lane's B (2), each lane's D (4). */
KERNEL(mma_bf16) { multiply<bf16>(in, out); }
KERNEL(mma_f16) { multiply<f16>(in, out); }

/** in: four matrices of 8 rows of 4 words. */
KERNEL(matrices) {
  SHARED;
  for (int i = 0; i < 4; ++i) words[threadIdx.x * 4 + i] = in[threadIdx.x * 4 + i];
  __syncwarp();
  uint to[4];
  load_matrices(to, shared + threadIdx.x * 16);
  for (int i = 0; i < 4; ++i) out[threadIdx.x * 4 + i] = to[i];
  load_matrices_transposed(to, shared + threadIdx.x * 16);
  for (int i = 0; i < 4; ++i) out[128 + threadIdx.x * 4 + i] = to[i];
}

/** in: floats; out: bf16 in the lower and f16 in the upper half, then the f16 widened. */
KERNEL(conversions) {
  const float x = __uint_as_float(in[threadIdx.x]);
  const f16 half = to_f16(x);
  out[threadIdx.x] = to_bf16(x).bits | uint(half.bits) << 16;
  out[512 + threadIdx.x] = __float_as_uint(to_f32(half));
}

KERNEL(bits) {
  const uint x = in[threadIdx.x];
  out[threadIdx.x] = uint(__popc(x) | __clz(int(x)) << 8 | __ffs(int(x)) << 16);
  out[64 + threadIdx.x] = __brev(x);
  out[128 + threadIdx.x] = __byte_perm(x, 0xccddeeffu, 0x5140u);
  out[192 + threadIdx.x] = __funnelshift_l(x, 0x80000001u, 4);
  out[256 + threadIdx.x] = __umulhi(x, 0x10000u);
}

}  // namespace ws
