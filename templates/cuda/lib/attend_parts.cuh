// Keys of a query that several blocks share (flash-decoding, Dao and others, 2023): each leaves its softmax in the workspace, and a
// second kernel joins them.
#pragma once

#include <cstdint>

#include "softmax.cuh"

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

  /** Query i over this part and those that follow it. */
  WS_DEVICE SoftmaxParts joined(int parts, int i) const {
    return {parts, maxima + i, maxima + HEADS + i, maxima + 2 * HEADS + i * WIDTH, floats, floats};
  }
};

}  // namespace ws
