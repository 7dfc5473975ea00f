// The contraction of dot.h for many rows, on machines whose instructions take floats alone: columns are widened once and then
// met by every row, where a tile of dot.h widens both anew.
//
// An element sees the same products in the same order as there, so the result is the same to the bit. k passes in pieces whose
// widened columns stay in the first-level cache; the vectors of running sums wait in memory meanwhile.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "dot_step.h"
#include "fold.h"
#include "simd.h"
#include "widen.h"

namespace ws::detail {

/** Rows that pass over a group of widened columns: as many tiles as rows of k fit a second-level cache. */
inline constexpr int wide_block_rows = 96;

/** What a thread keeps between the passes of one product. */
struct WideTile {
  /** Rows and columns of a tile, whose sums stay in registers: three loads of x feed 3 N products. */
  static constexpr int M = 3;
  static constexpr int N = row_sums;

  alignas(64) float w[N * piece_depth];
  alignas(64) float sums[wide_block_rows * N * lanes];
};

/**
 * One tile over a piece of k: rows x as they are, columns w widened; on top of `sums` unless they begin, folded into `out` if they
 * end. Meanwhile `ahead_per_step` bytes are asked for at each step, from `ahead` on: as in dot.h, and spread over the products,
 * which would wait for a burst of them.
 */
template <class Step, int ahead_per_step, class T>
inline void wide_block(const T* const (&x)[WideTile::M], const float* w, int count, bool begins, bool ends, float* sums,
                       int rows, int columns, float* out, int64_t out_stride, uintptr_t ahead) {
  constexpr int M = WideTile::M, N = WideTile::N, span = Step::span;
  vec sum[M][N] = {};
  if (!begins) {
#pragma GCC unroll 3
    for (int r = 0; r < M; ++r)
#pragma GCC unroll 8
      for (int c = 0; c < N; ++c) sum[r][c] = load_f32(sums + (r * N + c) * lanes);
  }
  const auto multiply = [&](const T* const (&xs)[M], const float* ws) {
    // One vector of each row at a time: all of a step's would not fit the registers beside the sums.
    const auto part = [&](auto p) {
      vec xv[M];
#pragma GCC unroll 3
      for (int r = 0; r < M; ++r) xv[r] = Step::template part<p>(xs[r]);
#pragma GCC unroll 8
      for (int c = 0; c < N; ++c) {
        const vec wv = load_f32(ws + c * piece_depth + p * lanes);
#pragma GCC unroll 3
        for (int r = 0; r < M; ++r) sum[r][c] = fused(xv[r], wv, sum[r][c]);
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
    multiply({x[0] + at, x[1] + at, x[2] + at}, w + at);
  }
  if (at < count) {
    T padded[M][span] = {};
    for (int r = 0; r < M; ++r)
      for (int i = 0; at + i < count; ++i) padded[r][i] = x[r][at + i];
    multiply({padded[0], padded[1], padded[2]}, w + at);
  }
#pragma GCC unroll 3
  for (int r = 0; r < M; ++r) {
    if (ends && r < rows) {
      const row_vec folded = fold_row(sum[r]);
      if (columns >= N) std::memcpy(out + r * out_stride, &folded, sizeof(folded));
      else std::memcpy(out + r * out_stride, &folded, sizeof(float) * columns);
    } else if (!ends) {
#pragma GCC unroll 8
      for (int c = 0; c < N; ++c) store_f32(sums + (r * N + c) * lanes, sum[r][c]);
    }
  }
}

/** The rows x_begin .. x_begin + m, at most wide_block_rows, by WideTile::N columns from j on, of which n - j exist. */
template <class X, class W>
inline void wide_group(WideTile& tile, const X& x, int x_begin, int m, const W& w, int j, int n, int k, float* out,
                       int64_t out_stride) {
  using Element = typename W::element;
  using Step = DotStep<typename X::element, Element>;
  constexpr int M = WideTile::M, N = WideTile::N;
  for (int begin = 0, count; begin < k; begin += count) {
    count = piece_of(k, begin, Step::span);
    for (int c = 0; c < N; ++c)
      widen_row<Step::span>(w[j + c < n ? j + c : n - 1] + begin, count, tile.w + c * piece_depth);
    const auto block = [&](auto ahead_per_step, int i, uintptr_t ahead) {
      const auto row = [&](int r) { return x[x_begin + (i + r < m ? i + r : m - 1)] + begin; };
      wide_block<Step, ahead_per_step>({row(0), row(1), row(2)}, tile.w, count, begin == 0, begin + count == k,
                                       tile.sums + i * N * lanes, m - i, n - j, out + i * out_stride + j, out_stride, ahead);
    };
    // The next columns, if they follow one another in memory: a hint, so no pointer arithmetic.
    constexpr int half = N / 2 * Step::span * int(sizeof(Element));
    const uintptr_t ahead = reinterpret_cast<uintptr_t>(w[j] + begin) + sizeof(Element) * N * k;
    block(std::integral_constant<int, half>(), 0, ahead);
    if (m > M) block(std::integral_constant<int, half>(), M, ahead + N / 2 * sizeof(Element) * k);
    for (int i = 2 * M; i < m; i += M) block(std::integral_constant<int, 0>(), i, ahead);
  }
}

template <class X, class W>
[[gnu::noinline]] void dot_wide(const X& x, int m, const W& w, int n, int k, float* out, int64_t out_stride) {
  static thread_local WideTile tile;
  for (int i = 0; i < m; i += wide_block_rows)
    for (int j = 0; j < n; j += WideTile::N)
      wide_group(tile, x, i, m - i < wide_block_rows ? m - i : wide_block_rows, w, j, n, k, out + i * out_stride, out_stride);
}

}  // namespace ws::detail
