// The contraction of dot.h for many rows, on machines whose instructions take floats alone: columns are widened once and then
// met by every row, where a tile of dot.h widens both anew. k passes in pieces whose widened columns stay in the first-level
// cache.
#pragma once

#include <cstdint>
#include <cstring>

#include "dot_step.h"
#include "dot_strip.h"
#include "widen.h"

namespace ws::detail {

/** Rows that pass over a group of widened columns: as many tiles as rows of k fit a second-level cache. */
inline constexpr int wide_block_rows = 192;

/** k of a piece, at most: a multiple of every span, whose widened columns leave room in a first-level cache of 32 KiB. */
inline constexpr int wide_depth = 640;

/** What a thread keeps between the passes of one product: widened columns, and running sums if k is in pieces. */
struct WideTile {
  alignas(64) float w[strip_widened * wide_depth];
  alignas(64) float sums[wide_block_rows * strip_widened * lanes];
};

/** The rows x_begin .. x_begin + m, at most wide_block_rows, by strip_widened columns from j on, of which n - j exist. */
template <class X, class W>
inline void wide_group(WideTile& tile, const X& x, int x_begin, int m, const W& w, int j, int n, int k, float* out,
                       int64_t out_stride) {
  using Element = typename W::element;
  using Step = DotStep<typename X::element, Element>;
  constexpr int M = strip_rows, N = strip_widened;
  for (int begin = 0, count; begin < k; begin += count) {
    count = piece_of(k, begin, wide_depth, Step::span);
    for (int c = 0; c < N; ++c)
      widen_row<Step::span>(w[j + c < n ? j + c : n - 1] + begin, count, tile.w + c * wide_depth);
    const auto block = [&](auto ahead_per_step, int i, uintptr_t ahead) {
      const auto row = [&](int r) { return x[x_begin + (i + r < m ? i + r : m - 1)] + begin; };
      dot_strip<Step, wide_depth, ahead_per_step>({row(0), row(1), row(2)}, tile.w, count, begin == 0, begin + count == k,
                                      tile.sums + i * N * lanes, ahead, [&](int r, const strip_sums& sums) {
                                        float* const to = out + (i + r) * out_stride + j;
                                        if (i + r >= m) return;
                                        if (n - j >= N) std::memcpy(to, &sums, sizeof(sums));
                                        else std::memcpy(to, &sums, sizeof(float) * static_cast<size_t>(n - j));
                                      });
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
    for (int j = 0; j < n; j += strip_widened)
      wide_group(tile, x, i, m - i < wide_block_rows ? m - i : wide_block_rows, w, j, n, k, out + i * out_stride, out_stride);
}

}  // namespace ws::detail
