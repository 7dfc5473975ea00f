// One block of a softmax taken online: scores become weights relative to the running maximum, and what was summed so far
// gets its correction.
#pragma once

#include <cstdint>
#include <limits>

#include "math.h"

namespace ws {

/** Scores a call may bring. */
inline constexpr int softmax_block = 64;

namespace detail {

/** Partial sums and maxima go by place modulo this, on every machine: trailing masked places change no bit. */
inline constexpr int softmax_lanes = 16;

/** exp(score - maximum) in place, padded by zeros to `softmax_block`; returns their sum by a fixed tree. */
inline float exponentials(float* scores, int count, float maximum) {
  float weights[softmax_block];
  const int padded = (count + softmax_lanes - 1) / softmax_lanes * softmax_lanes;
  for (int c = 0; c < count; ++c) weights[c] = scores[c];
  for (int c = count; c < padded; ++c) weights[c] = -std::numeric_limits<float>::infinity();
  float sum[softmax_lanes] = {};
  for (int at = 0; at < padded; at += softmax_lanes) {
#pragma omp simd
    for (int lane = 0; lane < softmax_lanes; ++lane) {
      const float score = weights[at + lane];
      const float weight = score == -std::numeric_limits<float>::infinity() ? 0.0f : ws_exp(score - maximum);
      weights[at + lane] = weight;
      sum[lane] += weight;
    }
  }
  for (int c = 0; c < count; ++c) scores[c] = weights[c];
  for (int width = softmax_lanes / 2; width > 0; width /= 2)
    for (int lane = 0; lane < width; ++lane) sum[lane] += sum[lane + width];
  return sum[0];
}

}  // namespace detail

/**
 * scores [m, count], count <= 64, masked ones at -infinity, become exp(score - maximum) in place; row_max, row_sum and
 * correction [m] follow. Start with row_max -infinity and row_sum 0. correction = exp(old maximum - new one) is what
 * earlier weighted sums are to be scaled by. A row that is masked so far keeps weights 0, correction 1 and no NaN, and a
 * block that is masked altogether changes nothing.
 */
inline void online_softmax_block(float* scores, int64_t stride, int m, int count, float* row_max, float* row_sum,
                                 float* correction) {
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  for (int i = 0; i < m; ++i) {
    float* row = scores + i * stride;
    float block_max = lowest;
#pragma omp simd reduction(max : block_max)
    for (int c = 0; c < count; ++c) block_max = row[c] > block_max ? row[c] : block_max;
    const float old_max = row_max[i];
    const float new_max = block_max > old_max ? block_max : old_max;
    correction[i] = old_max == new_max ? 1.0f : old_max == lowest ? 0.0f : ws_exp(old_max - new_max);
    const float sum = detail::exponentials(row, count, new_max);
    row_max[i] = new_max;
    row_sum[i] = row_sum[i] * correction[i] + sum;
  }
}

}  // namespace ws
