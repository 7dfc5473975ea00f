// The innermost part of dot_wide.h and dot_few.h: three rows on their way from memory, times rows that were widened to floats.
//
// An element sees the same products in the same order as in dot.h, so the result is the same to the bit. k passes in pieces; the
// vectors of running sums wait in memory meanwhile.
#pragma once

#include <cstdint>
#include <type_traits>

#include "fold.h"
#include "simd.h"
#include "widen.h"

namespace ws::detail {

/** Rows that stream and widened rows of a tile, whose sums stay in registers. */
inline constexpr int strip_rows = 3;
inline constexpr int strip_widened = row_sums;
using strip_sums = row_vec;

/**
 * One tile over a piece of k, widened rows `depth` apart, on top of `sums` unless they begin; if they end, `store(r, its strip_widened sums)` for each
 * streamed row. Meanwhile `ahead_per_step` bytes are asked for at each step, from `ahead` on: as in dot.h, and spread over the
 * products, which would wait for a burst of them.
 */
template <class Step, int depth, int ahead_per_step, class T, class Store>
inline void dot_strip(const T* const (&streamed)[strip_rows], const float* widened, int count, bool begins, bool ends,
                      float* sums, uintptr_t ahead, const Store& store) {
  constexpr int M = strip_rows, N = strip_widened, span = Step::span;
  vec sum[M][N] = {};
  if (!begins) {
#pragma GCC unroll 3
    for (int r = 0; r < M; ++r)
#pragma GCC unroll 8
      for (int c = 0; c < N; ++c) sum[r][c] = load_f32(sums + (r * N + c) * lanes);
  }
  const auto multiply = [&](const T* const (&rows)[M], const float* columns) {
    // One vector of each row at a time: all of a step's would not fit the registers beside the sums.
    const auto part = [&](auto p) {
      vec row[M];
#pragma GCC unroll 3
      for (int r = 0; r < M; ++r) row[r] = Step::template part<p>(rows[r]);
#pragma GCC unroll 8
      for (int c = 0; c < N; ++c) {
        const vec column = load_f32(columns + c * depth + p * lanes);
#pragma GCC unroll 3
        for (int r = 0; r < M; ++r) sum[r][c] = fused(row[r], column, sum[r][c]);
      }
    };
    part(std::integral_constant<int, 0>());
    if constexpr (span > lanes) part(std::integral_constant<int, 1>());
  };
  int at = 0;
  for (; at + span <= count; at += span, ahead += ahead_per_step) {
#pragma GCC unroll 8
    for (int line = 0; line < ahead_per_step; line += 64)
      __builtin_prefetch(reinterpret_cast<const void*>(ahead + line), 0, 2);
    multiply({streamed[0] + at, streamed[1] + at, streamed[2] + at}, widened + at);
  }
  if (at < count) {
    T padded[M][span] = {};
    for (int r = 0; r < M; ++r)
      for (int i = 0; at + i < count; ++i) padded[r][i] = streamed[r][at + i];
    multiply({padded[0], padded[1], padded[2]}, widened + at);
  }
#pragma GCC unroll 3
  for (int r = 0; r < M; ++r) {
    if (ends) {
      store(r, fold_row(sum[r]));
    } else {
#pragma GCC unroll 8
      for (int c = 0; c < N; ++c) store_f32(sums + (r * N + c) * lanes, sum[r][c]);
    }
  }
}

}  // namespace ws::detail
