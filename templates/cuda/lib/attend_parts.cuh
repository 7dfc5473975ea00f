// Keys of a query that several blocks share (flash-decoding, Dao and others, 2023): each leaves its softmax in the workspace, and a
// second kernel joins them.
#pragma once

#include <cstdint>

#include "softmax.cuh"
#include "warp.cuh"

namespace ws {

/** What a block leaves of HEADS queries: their maxima, their sums, their weighted sums [HEADS][WIDTH]. */
template <int HEADS, int WIDTH>
struct AttendPart {
  static constexpr int floats = HEADS * (2 + WIDTH);

  float* const maxima;

  WS_DEVICE AttendPart(void* workspace, int unit) : maxima(static_cast<float*>(workspace) + int64_t(unit) * floats) {}

  WS_DEVICE void store_nothing() const {
    for (int i = threadIdx.x; i < HEADS; i += blockDim.x) maxima[i] = -INFINITY;
  }

  template <class PartsOf>
  WS_DEVICE void store(PartsOf parts_of) const {
    for (int element = threadIdx.x; element < HEADS * WIDTH; element += blockDim.x) {
      const int i = element / WIDTH;
      const int c = element % WIDTH;
      const SoftmaxParts warps = parts_of(i);
      const float maximum = warps.maximum();
      maxima[2 * HEADS + element] = warps.value(maximum, c);
      if (c != 0) continue;
      maxima[i] = maximum;
      maxima[HEADS + i] = warps.sum(maximum);
    }
  }
};

/** The parts of a block's queries, this one and the `parts` - 1 behind it, joined: a warp finds how much each part counts. */
template <int HEADS, int WIDTH>
class JoinedParts {
 public:
  static constexpr int shared_bytes = HEADS * (Warp::size + 1) * 4;

  /** By all warps of a block; at most a part a lane. */
  WS_DEVICE JoinedParts(char* shared, const AttendPart<HEADS, WIDTH> first, int parts)
      : first_(first), parts_(parts), factors_(reinterpret_cast<float*>(shared)) {
    const Warp warp;
    for (int i = threadIdx.x / Warp::size; i < HEADS; i += blockDim.x / Warp::size) {
      const float* const maximum = first.maxima + warp.rank() * AttendPart<HEADS, WIDTH>::floats + i;
      const float own = warp.rank() < parts ? *maximum : -INFINITY;
      const float all = warp.maximum(own);
      const float factor = own == -INFINITY ? 0.0f : exp2_of_hardware((own - all) * LOG2_E);
      const float total = warp.sum(factor > 0.0f ? factor * maximum[HEADS] : 0.0f);
      factors_[i * Warp::size + warp.rank()] = factor;
      if (warp.leads()) factors_[HEADS * Warp::size + i] = total;
    }
    __syncthreads();
  }

  /** Column c of query i; 0 where it saw no key. */
  WS_DEVICE float mean(int i, int c) const {
    const float* const values = first_.maxima + 2 * HEADS + i * WIDTH + c;
    float sum = 0.0f;
#pragma unroll 8
    for (int part = 0; part < parts_; ++part) {
      const float factor = factors_[i * Warp::size + part];
      const float value = factor > 0.0f ? values[part * AttendPart<HEADS, WIDTH>::floats] : 0.0f;
      sum = fused(factor, value, sum);
    }
    const float total = factors_[HEADS * Warp::size + i];
    return total > 0.0f ? sum / total : 0.0f;
  }

 private:
  const AttendPart<HEADS, WIDTH> first_;
  const int parts_;
  float* const factors_;
};

}  // namespace ws
