// CUDA C for g++: the keywords, types and built-in functions that kernels use, on top of the simulated GPU of simt_device.h.
// A kernel source is compiled behind this header as nvcc gets it.
#pragma once

#include <cfloat>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "simt_device.h"
#include "simt_vectors.h"

// All headers of the system stand above: some use __noinline__ as an attribute.
#define __CUDACC__ 1
#define __CUDA_ARCH__ 800
#define __device__
#define __host__
#define __global__
// Dynamic shared memory alone: `extern __shared__ char shared[]` names the simulator's. On a variable of another kind the
// attribute is an error (-Werror=attributes).
#define __shared__ __attribute__((visibility("hidden")))
#ifdef __OPTIMIZE__
#define __forceinline__ inline __attribute__((always_inline))
#else
// Code that nobody optimizes gets no smaller by being inlined, which takes more than half of g++'s time.
#define __forceinline__ inline
#endif
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(...)
#define __grid_constant__

// A thread keeps its place for as long as it lives, so that the compiler may ask once.
extern "C" __attribute__((const)) uint3 simt_thread_index();
extern "C" __attribute__((const)) uint3 simt_block_index();
extern "C" __attribute__((const)) uint3 simt_block_extent();
extern "C" __attribute__((const)) uint3 simt_grid_extent();
#define threadIdx simt_thread_index()
#define blockIdx simt_block_index()
#define blockDim simt_block_extent()
#define gridDim simt_grid_extent()
inline constexpr int warpSize = 32;

// Where a barrier or a collective stands in the source: all that meet in it have to stand at the same place.
#define SIMT_PLACE const char *file = __builtin_FILE(), int line = __builtin_LINE()

__forceinline__ void __syncthreads(SIMT_PLACE) { simt::barrier({file, line}); }

__forceinline__ int __syncthreads_count(int predicate, SIMT_PLACE) { return simt::barrier_count(predicate != 0, {file, line}); }
__forceinline__ int __syncthreads_or(int predicate, SIMT_PLACE) { return __syncthreads_count(predicate, file, line) != 0; }
__forceinline__ int __syncthreads_and(int predicate, SIMT_PLACE) { return __syncthreads_count(predicate == 0, file, line) == 0; }

__forceinline__ void __syncwarp(unsigned mask = ~0u, SIMT_PLACE) { simt::meet(simt::Collective::sync, mask, nullptr, {file, line}); }

inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}
inline void __nanosleep(unsigned) {}
[[noreturn]] inline void __trap() { simt::trap(); }

namespace simt {

template <class T>
__forceinline__ T shuffle(unsigned mask, T value, int source, Place place) {
  static_assert(sizeof(T) <= 8, "a shuffle moves one word or two");
  ShufflePart part{0, source};
  __builtin_memcpy(&part.value, &value, sizeof(T));
  meet(Collective::shuffle, mask, &part, place);
  __builtin_memcpy(&value, &part.value, sizeof(T));
  return value;
}

__forceinline__ uint64_t vote(Collective kind, unsigned mask, uint64_t value, Place place) {
  VotePart part{value};
  meet(kind, mask, &part, place);
  return part.value;
}

}  // namespace simt

template <class T>
__forceinline__ T __shfl_sync(unsigned mask, T value, int source, int width = 32, SIMT_PLACE) {
  return simt::shuffle(mask, value, (simt::lane() & ~(width - 1)) + (source & (width - 1)), {file, line});
}
template <class T>
__forceinline__ T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32, SIMT_PLACE) {
  const int lane = simt::lane();
  return simt::shuffle(mask, value, (lane & (width - 1)) < int(distance) ? lane : lane - int(distance), {file, line});
}
template <class T>
__forceinline__ T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32, SIMT_PLACE) {
  const int lane = simt::lane();
  return simt::shuffle(mask, value, (lane & (width - 1)) + int(distance) >= width ? lane : lane + int(distance), {file, line});
}
template <class T>
__forceinline__ T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, SIMT_PLACE) {
  const int lane = simt::lane();
  const int source = lane ^ lanes;
  return simt::shuffle(mask, value, source >= (lane & ~(width - 1)) + width ? lane : source, {file, line});
}

__forceinline__ unsigned __ballot_sync(unsigned mask, int predicate, SIMT_PLACE) {
  return unsigned(simt::vote(simt::Collective::ballot, mask, predicate != 0, {file, line}));
}
__forceinline__ int __any_sync(unsigned mask, int predicate, SIMT_PLACE) { return __ballot_sync(mask, predicate, file, line) != 0; }
__forceinline__ int __all_sync(unsigned mask, int predicate, SIMT_PLACE) { return __ballot_sync(mask, predicate == 0, file, line) == 0; }
template <class T>
__forceinline__ unsigned __match_any_sync(unsigned mask, T value, SIMT_PLACE) {
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  return unsigned(simt::vote(simt::Collective::match, mask, bits, {file, line}));
}
inline unsigned __activemask() { return simt::living_lanes(); }

#define SIMT_REDUCTION(name, kind)                                                                    \
  __forceinline__ unsigned name(unsigned mask, unsigned value, SIMT_PLACE) {                          \
    return unsigned(simt::vote(simt::Collective::kind, mask, value, {file, line}));                   \
  }                                                                                                   \
  __forceinline__ int name(unsigned mask, int value, SIMT_PLACE) {                                    \
    return int(simt::vote(simt::Collective::kind, mask, uint64_t(int64_t(value)), {file, line}));     \
  }
SIMT_REDUCTION(__reduce_add_sync, add)
SIMT_REDUCTION(__reduce_min_sync, least)
SIMT_REDUCTION(__reduce_max_sync, greatest)
SIMT_REDUCTION(__reduce_and_sync, bit_and)
SIMT_REDUCTION(__reduce_or_sync, bit_or)
SIMT_REDUCTION(__reduce_xor_sync, bit_xor)
#undef SIMT_REDUCTION

// Atomics: fibers do not interrupt each other, so that the plain operation is one; the simulator learns which access it was.
#define SIMT_ATOMIC(name, result)                       \
  template <class T>                                    \
  __forceinline__ T name(T* address, T operand) {       \
    T old;                                              \
    simt::atomic_load(address, &old, sizeof(T));        \
    const T next = (result);                            \
    simt::atomic_store(address, &next, sizeof(T));      \
    return old;                                         \
  }
SIMT_ATOMIC(atomicAdd, old + operand)
SIMT_ATOMIC(atomicSub, old - operand)
SIMT_ATOMIC(atomicExch, operand)
SIMT_ATOMIC(atomicMin, operand < old ? operand : old)
SIMT_ATOMIC(atomicMax, operand > old ? operand : old)
SIMT_ATOMIC(atomicAnd, old & operand)
SIMT_ATOMIC(atomicOr, old | operand)
SIMT_ATOMIC(atomicXor, old ^ operand)
SIMT_ATOMIC(atomicInc, old >= operand ? T(0) : T(old + 1))
SIMT_ATOMIC(atomicDec, old == 0 || old > operand ? operand : T(old - 1))
#undef SIMT_ATOMIC
template <class T>
__forceinline__ T atomicCAS(T* address, T expected, T desired) {
  T old;
  simt::atomic_load(address, &old, sizeof(T));
  const T next = old == expected ? desired : old;
  simt::atomic_store(address, &next, sizeof(T));
  return old;
}

// Loads and stores with a hint for the caches.
#define SIMT_LOAD(name)                 \
  template <class T>                    \
  __forceinline__ T name(const T* from) { \
    return *from;                       \
  }
SIMT_LOAD(__ldg)
SIMT_LOAD(__ldca)
SIMT_LOAD(__ldcg)
SIMT_LOAD(__ldcs)
SIMT_LOAD(__ldcv)
SIMT_LOAD(__ldlu)
#undef SIMT_LOAD
#define SIMT_STORE(name)                          \
  template <class T>                              \
  __forceinline__ void name(T* to, T value) {     \
    *to = value;                                  \
  }
SIMT_STORE(__stwb)
SIMT_STORE(__stcg)
SIMT_STORE(__stcs)
SIMT_STORE(__stwt)
#undef SIMT_STORE

#include "simt_arithmetic.h"
