// A block as a group of threads that work on one row. A reduction is the warps' tree, then a tree of their results; every thread
// ends with the same bits.
#pragma once

#include <cstdint>

#include "warp.cuh"

namespace ws {

/** All threads of the calling block; `exchange` is its own slice of shared memory. */
template <int THREADS>
struct Block {
  static constexpr int threads = THREADS;
  static constexpr int size = THREADS;
  static constexpr int warps = THREADS / Warp::size;
  static_assert(THREADS % Warp::size == 0 && THREADS <= 1024, "a block is whole warps");
  static_assert((warps & (warps - 1)) == 0, "the tree of the warps' results has a power of two");
  /** Values that `reduce_all` takes at once, at most. */
  static constexpr int most = 16;
  static constexpr int exchange_bytes = most * warps * 8;

  char* exchange;

  static WS_DEVICE int row() { return blockIdx.x; }

  WS_DEVICE int rank() const { return threadIdx.x; }
  WS_DEVICE bool leads() const { return threadIdx.x == 0; }
  WS_DEVICE int warp() const { return threadIdx.x / Warp::size; }
  /** The caller's warp, counted from `first` on around. */
  WS_DEVICE int warp_from(int first) const { return (warp() + warps - first) % warps; }
  WS_DEVICE void sync() const { __syncthreads(); }
  WS_DEVICE void enter() const {}
  WS_DEVICE void leave() const {}

  /** One memory for all threads of the group, given each block's own. */
  template <class T>
  WS_DEVICE T* shared_by_all(T* memory) const {
    return memory;
  }

  /** x[i] of every thread becomes the reduction over all of them. */
  template <int N, class T, class Operation>
  WS_DEVICE void reduce_all(T (&x)[N], Operation operation) const {
    static_assert(N <= most && sizeof(T) <= 8, "more than the exchange holds");
    T* const slots = reinterpret_cast<T*>(exchange);
#pragma unroll
    for (int i = 0; i < N; ++i) x[i] = Warp().reduce(x[i], operation);
    sync();
    if (Warp().leads()) {
#pragma unroll
      for (int i = 0; i < N; ++i) slots[i * warps + warp()] = x[i];
    }
    sync();
#pragma unroll
    for (int i = 0; i < N; ++i)
      x[i] = Warp().template reduce_among<warps>(slots[i * warps + threadIdx.x % warps], operation);
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

  /** What every warp brings (the same in all of its lanes), by warp. */
  template <class T>
  WS_DEVICE const T* gather_warps(T x) const {
    T* const slots = reinterpret_cast<T*>(exchange);
    sync();
    if (Warp().leads()) slots[warp()] = x;
    sync();
    return slots;
  }
};

}  // namespace ws
