// One block of a softmax taken online: scores become weights relative to the running maximum, and what was summed so far
// gets its correction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "fold.h"
#include "math.h"
#include "simd.h"

namespace ws {

/** Scores a call may bring. */
inline constexpr int softmax_block = 64;

namespace detail {

inline constexpr float lowest_score = -std::numeric_limits<float>::infinity();

/** Partial sums go by place modulo this, on every machine: trailing masked places change no bit. */
inline constexpr int softmax_lanes = 16;

/** As many scores from p as there are, `lanes` at most, and the lowest one behind them. */
inline vec load_scores(const float* p, int count) {
  if (count >= lanes) return load_f32(p);
  vec scores = splat(lowest_score);
  std::memcpy(&scores, p, sizeof(float) * static_cast<size_t>(count));
  return scores;
}

inline vec greatest_by_lane(const float* row, int count) {
  vec greatest = splat(lowest_score);
  for (int at = 0; at < count; at += lanes) greatest = Greater()(load_scores(row + at, count - at), greatest);
  return greatest;
}

inline void exponentials(float* scores, float maximum) {
#pragma omp simd
  for (int lane = 0; lane < softmax_lanes; ++lane)
    scores[lane] = scores[lane] == lowest_score ? 0.0f : ws_exp(scores[lane] - maximum);
}

/** exp(score - maximum) in place; returns their sums by place, folded to a vector. */
inline vec exponentials_of_row(float* row, int count, float maximum) {
  constexpr int parts = softmax_lanes / lanes;
  vec sum[parts] = {};
  const auto add = [&](const float* weights) {
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) sum[part] += load_f32(weights + part * lanes);
  };
  int at = 0;
  for (; at + softmax_lanes <= count; at += softmax_lanes) {
    exponentials(row + at, maximum);
    add(row + at);
  }
  if (at < count) {
    float tail[softmax_lanes];
    std::fill(std::copy(row + at, row + count, tail), tail + softmax_lanes, lowest_score);
    exponentials(tail, maximum);
    add(tail);
    std::copy(tail, tail + (count - at), row + at);
  }
#pragma GCC unroll 2
  for (int half = parts / 2; half > 0; half /= 2)
#pragma GCC unroll 2
    for (int part = 0; part < half; ++part) sum[part] += sum[part + half];
  return sum[0];
}

/** online_softmax_block for at most `lanes` rows, whose maxima and sums are folded together. */
inline void online_softmax_rows(float* scores, int64_t stride, int m, int count, float* row_max, float* row_sum,
                                float* correction) {
  vec by_lane[lanes] = {};
  float folded[lanes];
  for (int i = 0; i < m; ++i) by_lane[tile_place<1>(i, 0)] = greatest_by_lane(scores + i * stride, count);
  store_f32(folded, fold_all<Greater>(by_lane));
#pragma omp simd
  for (int i = 0; i < m; ++i) {
    const float old_max = row_max[i];
    const float new_max = folded[i] > old_max ? folded[i] : old_max;
    correction[i] = old_max == new_max ? 1.0f : old_max == lowest_score ? 0.0f : ws_exp(old_max - new_max);
    row_max[i] = new_max;
  }
  for (int i = 0; i < m; ++i) by_lane[tile_place<1>(i, 0)] = exponentials_of_row(scores + i * stride, count, row_max[i]);
  store_f32(folded, fold_all(by_lane));
#pragma omp simd
  for (int i = 0; i < m; ++i) row_sum[i] = row_sum[i] * correction[i] + folded[i];
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
  for (int i = 0; i < m; i += lanes)
    detail::online_softmax_rows(scores + i * stride, stride, m - i < lanes ? m - i : lanes, count, row_max + i, row_sum + i,
                                correction + i);
}

}  // namespace ws
