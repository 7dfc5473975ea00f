// The contraction of dot.h for few rows, on machines whose instructions take floats alone. The time is that of reading the
// columns: they stream past all rows at once, which were widened beforehand and stay in the first-level cache.
#pragma once

#include <cstdint>

#include "dot_step.h"
#include "dot_strip.h"
#include "widen.h"

namespace ws::detail {

/** Rows that pass together, and columns that they do best to meet at a time. */
inline constexpr int few_rows = strip_widened;
inline constexpr int few_columns = 256;

/**
 * k of a piece, at most: a multiple of every span, and no multiple of a page, which would put all rows in one place of the cache.
 * Rows come from the second-level cache where it is long, faster still than
 * columns from memory, which short pieces would have to be read in with gaps.
 */
inline constexpr int few_depth = 2688;

/** What a thread keeps between the passes of one product: widened rows, and running sums if k is in pieces. */
struct FewTile {
  alignas(64) float x[few_rows * few_depth];
  alignas(64) float sums[few_rows * (few_columns + strip_rows) * lanes];
};

/** At most few_rows rows by any number of columns. */
template <class X, class W>
[[gnu::noinline]] void dot_few(const X& x, int m, const W& w, int n, int k, float* out, int64_t out_stride) {
  using Element = typename W::element;
  // The streamed operand comes first.
  using Step = DotStep<Element, typename X::element>;
  constexpr int C = strip_rows;
  static thread_local FewTile tile;
  for (int block = 0; block < n; block += few_columns) {
    const int end = n - block < few_columns ? n : block + few_columns;
    for (int begin = 0, count; begin < k; begin += count) {
      count = piece_of(k, begin, few_depth, Step::span);
      // Rows past the last one hold what an earlier product left: their sums are not stored.
      for (int i = 0; i < m; ++i) widen_row<Step::span>(x[i] + begin, count, tile.x + i * few_depth);
      for (int j = block; j < end; j += C) {
        const auto column = [&](int c) { return w[j + c < end ? j + c : end - 1] + begin; };
        // The columns after the next ones, if they follow one another in memory: a hint, so no pointer arithmetic.
        const uintptr_t ahead = reinterpret_cast<uintptr_t>(column(0)) + sizeof(Element) * 2 * C * k;
        dot_strip<Step, few_depth, C * Step::span * int(sizeof(Element))>(
            {column(0), column(1), column(2)}, tile.x, count, begin == 0, begin + count == k,
            tile.sums + (j - block) * few_rows * lanes, ahead, [&](int c, const strip_sums& sums) {
              if (j + c >= end) return;
              for (int i = 0; i < m; ++i) out[i * out_stride + j + c] = sums[i];
            });
      }
    }
  }
}

}  // namespace ws::detail
