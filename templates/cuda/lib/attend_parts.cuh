// Keys of a query that several blocks share (flash-decoding, Dao and others, 2023): each leaves its softmax in the workspace, and a
// second kernel joins them.
#pragma once

#include <cstdint>

#include "batch.cuh"
#include "softmax.cuh"
#include "warp.cuh"

namespace ws {

static_assert(MOST_KEY_PARTS <= Warp::size, "a lane knows one part");

/** What a block leaves of QUERIES queries: their maxima, their sums, their weighted sums [QUERIES][WIDTH]. */
template <int QUERIES, int WIDTH>
struct AttendPart {
  static constexpr int floats = QUERIES * (2 + WIDTH);

  float* const maxima;

  WS_DEVICE AttendPart(void* workspace, int unit) : maxima(static_cast<float*>(workspace) + int64_t(unit) * floats) {}

  WS_DEVICE void store_nothing() const {
    for (int i = threadIdx.x; i < QUERIES; i += blockDim.x) maxima[i] = -INFINITY;
  }

  /** The first `count` queries, each as parts_of(i) of the block's warps. */
  template <class PartsOf>
  WS_DEVICE void store(int count, PartsOf parts_of) const {
    for (int element = threadIdx.x; element < count * WIDTH; element += blockDim.x) {
      const int i = element / WIDTH;
      const int c = element % WIDTH;
      const SoftmaxParts warps = parts_of(i);
      const float maximum = warps.maximum();
      maxima[2 * QUERIES + element] = warps.value(maximum, c);
      if (c != 0) continue;
      maxima[i] = maximum;
      maxima[QUERIES + i] = warps.sum(maximum);
    }
  }
};

/** The parts of ROWS queries from `begin` on, this one and the `parts` - 1 behind it, joined: a warp finds how much each counts. */
template <int QUERIES, int WIDTH, int ROWS>
class JoinedParts {
 public:
  using Part = AttendPart<QUERIES, WIDTH>;
  static constexpr int shared_bytes = ROWS * (Warp::size + 1) * 4;

  /** `count` of the queries exist. By all warps of a block; at most a part a lane. */
  WS_DEVICE JoinedParts(char* shared, const Part first, int parts, int begin, int count)
      : first_(first), parts_(parts), begin_(begin), factors_(reinterpret_cast<float*>(shared)) {
    const Warp warp;
    for (int i = threadIdx.x / Warp::size; i < count; i += blockDim.x / Warp::size) {
      const float* const maximum = first.maxima + int64_t(warp.rank()) * Part::floats + begin + i;
      const float own = warp.rank() < parts ? *maximum : -INFINITY;
      const float all = warp.maximum(own);
      const float factor = own == -INFINITY ? 0.0f : exp2_of_hardware((own - all) * LOG2_E);
      const float total = warp.sum(factor > 0.0f ? factor * maximum[QUERIES] : 0.0f);
      factors_[i * Warp::size + warp.rank()] = factor;
      if (warp.leads()) factors_[ROWS * Warp::size + i] = total;
    }
    __syncthreads();
  }

  /** Column c of query `begin` + i; 0 where it saw no key. */
  WS_DEVICE float mean(int i, int c) const {
    const float* const values = first_.maxima + 2 * QUERIES + (begin_ + i) * WIDTH + c;
    float sum = 0.0f;
#pragma unroll 8
    for (int part = 0; part < parts_; ++part) {
      const float factor = factors_[i * Warp::size + part];
      const float value = factor > 0.0f ? values[part * Part::floats] : 0.0f;
      sum = fused(factor, value, sum);
    }
    const float total = factors_[ROWS * Warp::size + i];
    return total > 0.0f ? sum / total : 0.0f;
  }

 private:
  const Part first_;
  const int parts_;
  const int begin_;
  float* const factors_;
};

}  // namespace ws
