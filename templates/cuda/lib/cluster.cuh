// A cluster of blocks (sm_90) as a group of threads that work on one row. A reduction is that of each block, then the blocks'
// results in a fixed tree; every thread ends with the same bits. Where there are no clusters, a block takes such a row alone.
#pragma once

#include "block.cuh"

namespace ws {

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900

namespace detail {

/** Where `pointer` into the caller's shared memory lies in that of block `block` of the cluster. */
template <class T>
WS_DEVICE T* in_block(T* pointer, int block) {
  T* mapped;
  asm("mapa.u64 %0, %1, %2;" : "=l"(mapped) : "l"(pointer), "r"(block));
  return mapped;
}

/** A barrier of all threads of the cluster, behind which all that they wrote before is seen, in device memory too. */
WS_DEVICE void sync_cluster() {
  asm volatile("barrier.cluster.arrive.release;\n\tbarrier.cluster.wait.acquire;" ::: "memory");
}

}  // namespace detail

/** All threads of the calling cluster, whose blocks lie along a grid of one dimension. */
template <int BLOCKS, int THREADS>
struct Cluster {
  static_assert(BLOCKS >= 2 && BLOCKS <= 16 && (BLOCKS & (BLOCKS - 1)) == 0, "a cluster has 2, 4, 8 or 16 blocks");
  using Part = Block<THREADS>;
  static constexpr int threads = THREADS;
  static constexpr int size = BLOCKS * THREADS;
  static constexpr int warps = size / Warp::size;
  static constexpr int most = Part::most;
  static constexpr int exchange_bytes = Part::exchange_bytes + most * BLOCKS * 8;

  /** The block's own slice of shared memory. */
  char* exchange;

  static WS_DEVICE int row() { return blockIdx.x / BLOCKS; }
  static WS_DEVICE int place() { return blockIdx.x % BLOCKS; }

  WS_DEVICE int rank() const { return place() * THREADS + threadIdx.x; }
  WS_DEVICE bool leads() const { return rank() == 0; }
  WS_DEVICE int warp() const { return rank() / Warp::size; }
  /** The caller's warp, counted from `first` on around. */
  WS_DEVICE int warp_from(int first) const { return (warp() + warps - first) % warps; }
  WS_DEVICE void sync() const { detail::sync_cluster(); }
  /** To be called by all before anything else, and at the end: shared memory of another block is there only between. */
  WS_DEVICE void enter() const { sync(); }
  WS_DEVICE void leave() const { sync(); }

  /** One memory for all threads of the group, given each block's own. */
  template <class T>
  WS_DEVICE T* shared_by_all(T* memory) const {
    return detail::in_block(memory, 0);
  }

  /** x[i] of every thread becomes the reduction over all of them. */
  template <int N, class T, class Operation>
  WS_DEVICE void reduce_all(T (&x)[N], Operation operation) const {
    T* const gathered = reinterpret_cast<T*>(exchange + Part::exchange_bytes);
    Part{exchange}.reduce_all(x, operation);
    sync();
    if (threadIdx.x < BLOCKS) {
      T* const remote = detail::in_block(gathered, threadIdx.x);
#pragma unroll
      for (int i = 0; i < N; ++i) remote[i * BLOCKS + place()] = x[i];
    }
    sync();
#pragma unroll
    for (int i = 0; i < N; ++i)
      x[i] = Warp().template reduce_among<BLOCKS>(gathered[i * BLOCKS + threadIdx.x % BLOCKS], operation);
  }

  template <class T, class Operation>
  WS_DEVICE T reduce(T x, Operation operation) const {
    T one[1] = {x};
    reduce_all(one, operation);
    return one[0];
  }

  template <class T>
  WS_DEVICE T sum(T x) const {
    return reduce(x, Plus());
  }

  template <class T>
  WS_DEVICE T maximum(T x) const {
    return reduce(x, Greater());
  }

  /** What every warp brings (the same in all of its lanes), by warp, in the block's own memory. */
  template <class T>
  WS_DEVICE const T* gather_warps(T x) const {
    static_assert(warps * sizeof(T) <= exchange_bytes, "more than the exchange holds");
    sync();
    const int lane = threadIdx.x % Warp::size;
    if (lane < BLOCKS) detail::in_block(reinterpret_cast<T*>(exchange), lane)[warp()] = x;
    sync();
    return reinterpret_cast<const T*>(exchange);
  }
};

/** The threads of a long row: a cluster. */
template <int BLOCKS, int THREADS, int ALONE>
using LongRow = Cluster<BLOCKS, THREADS>;

/** The blocks that share one unit of work. */
template <int BLOCKS>
struct BlocksOfUnit {
  static constexpr int count = BLOCKS;
  static WS_DEVICE int unit() { return blockIdx.x / BLOCKS; }
  /** The caller's place among them. */
  static WS_DEVICE int place() { return blockIdx.x % BLOCKS; }
  static WS_DEVICE void sync() { detail::sync_cluster(); }
  /** `pointer` into the caller's shared memory as block `block` has it. */
  template <class T>
  static WS_DEVICE T* in_block(T* pointer, int block) {
    return detail::in_block(pointer, block);
  }
};

#else

/** The threads of a long row: a block, of `ALONE` threads. */
template <int BLOCKS, int THREADS, int ALONE>
using LongRow = Block<ALONE>;

/** The one block that has a unit of work. */
template <int BLOCKS>
struct BlocksOfUnit {
  static constexpr int count = 1;
  static WS_DEVICE int unit() { return blockIdx.x; }
  static WS_DEVICE int place() { return 0; }
  static WS_DEVICE void sync() { __syncthreads(); }
  template <class T>
  static WS_DEVICE T* in_block(T* pointer, int) {
    return pointer;
  }
};

#endif

}  // namespace ws
