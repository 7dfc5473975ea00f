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

  template <class T>
  WS_DEVICE T minimum(T x) const {
    return reduce(x, Lesser());
  }

  /** What lane `lane` passes as x; of every lane's own choice. */
  template <class T>
  WS_DEVICE T of_lane(T x, int lane) const {
    return __shfl_sync(0xffffffffu, x, lane);
  }

  template <class T>
  WS_DEVICE const T* of_lane(const T* pointer, int lane) const {
    return reinterpret_cast<const T*>(of_lane(reinterpret_cast<unsigned long long>(pointer), lane));
  }

  WS_DEVICE bool any(bool x) const { return __any_sync(0xffffffffu, x) != 0; }
};

/** Four neighbouring lanes, the first at a multiple of four: those that hold a row of what tensor cores computed. */
struct Quad {
  WS_DEVICE int rank() const { return threadIdx.x % 4; }
  WS_DEVICE bool leads() const { return rank() == 0; }

  template <class T, class Operation>
  WS_DEVICE T reduce(T x, Operation operation) const {
    x = operation(x, __shfl_xor_sync(0xffffffffu, x, 1));
    return operation(x, __shfl_xor_sync(0xffffffffu, x, 2));
  }
};

}  // namespace ws
