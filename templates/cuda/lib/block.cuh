// A block as a group of threads that work on one row. A reduction is the warps' tree, then their results in order of the warps;
// every thread ends with the same bits.
#pragma once

#include <cstdint>

#include "warp.cuh"

namespace ws {

/** All threads of the calling block; `exchange` is its own slice of shared memory. */
template <int THREADS>
struct Block {
  static_assert(THREADS % Warp::size == 0 && THREADS <= 1024, "a block is whole warps");
  static constexpr int size = THREADS;
  static constexpr int warps = THREADS / Warp::size;
  /** Values that `reduce_all` takes at once, at most. */
  static constexpr int most = 16;
  static constexpr int exchange_bytes = most * warps * 8;

  char* exchange;

  WS_DEVICE int rank() const { return threadIdx.x; }
  WS_DEVICE bool leads() const { return threadIdx.x == 0; }
  WS_DEVICE int warp() const { return threadIdx.x / Warp::size; }
  WS_DEVICE void sync() const { __syncthreads(); }

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
    for (int i = 0; i < N; ++i) {
      x[i] = slots[i * warps];
#pragma unroll
      for (int w = 1; w < warps; ++w) x[i] = operation(x[i], slots[i * warps + w]);
    }
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
};

}  // namespace ws
