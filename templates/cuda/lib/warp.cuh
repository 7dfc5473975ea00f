// A warp as a group of threads that work on one row. Reductions are the same tree whatever the data: lane l takes lane l ^ 16,
// then 8, 4, 2 and 1, and every lane ends with the same bits.
#pragma once

#include "math.cuh"
#include "target.cuh"

namespace ws {

struct Plus {
  template <class T>
  WS_DEVICE T operator()(T a, T b) const {
    return a + b;
  }
};

struct Greater {
  template <class T>
  WS_DEVICE T operator()(T a, T b) const {
    return ws_maximum(a, b);
  }
};

struct Lesser {
  template <class T>
  WS_DEVICE T operator()(T a, T b) const {
    return ws_minimum(a, b);
  }
};

/** All 32 lanes of the calling warp; of a block of one dimension. */
struct Warp {
  static constexpr int size = 32;

  WS_DEVICE int rank() const { return threadIdx.x % size; }
  WS_DEVICE bool leads() const { return rank() == 0; }
  WS_DEVICE void sync() const { __syncwarp(); }

  template <class T, class Operation>
  WS_DEVICE T reduce(T x, Operation operation) const {
    return reduce_among<size>(x, operation);
  }

  /** Over each LANES neighbours, a power of two. */
  template <int LANES, class T, class Operation>
  WS_DEVICE T reduce_among(T x, Operation operation) const {
    static_assert(LANES <= size && (LANES & (LANES - 1)) == 0, "a tree has a power of two");
#pragma unroll
    for (int distance = LANES / 2; distance > 0; distance /= 2)
      x = operation(x, __shfl_xor_sync(0xffffffffu, x, distance));
    return x;
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
