// The contraction of dot.h for few rows, on machines whose instructions take floats alone. The time is that of reading the
// columns: they are widened on their way into all rows at once, so that nothing but the products stands between one request of
// memory and the next. The rows were widened beforehand and stay in the first-level cache.
//
// An element sees the same products in the same order as in dot.h, so the result is the same to the bit.
#pragma once

#include <cstdint>

#include "dot_step.h"
#include "fold.h"
#include "simd.h"
#include "widen.h"

namespace ws::detail {

/** Rows that pass together, and columns that they do best to meet at a time. */
inline constexpr int few_rows = lanes / 2;
inline constexpr int few_columns = 256;

/** What a thread keeps between the passes of one product: widened rows, and running sums if k is in pieces. */
struct FewTile {
  alignas(64) float x[few_rows * piece_depth];
  alignas(64) float sums[few_rows * few_columns * lanes];
};

/**
 * Two columns over a piece of k, on top of `sums` unless they begin, folded into `out` if they end. As many lines are asked for
 * as are read, from `ahead` on, as in dot.h.
 */
template <class Step, class W>
inline void few_block(const float* x, const W* const (&w)[2], int count, bool begins, bool ends, float* sums, int rows,
                      int columns, float* out, int64_t out_stride, uintptr_t ahead) {
  constexpr int M = few_rows, N = 2;
  vec sum[lanes] = {};
  if (!begins) {
#pragma GCC unroll 16
    for (int place = 0; place < lanes; ++place) sum[place] = load_f32(sums + place * lanes);
  }
  const auto multiply = [&](int at, const typename Step::Y (&wv)[N]) {
#pragma GCC unroll 16
    for (int r = 0; r < M; ++r) {
      const typename Step::X xv = Step::widened(x + r * piece_depth + at);
#pragma GCC unroll 16
      for (int c = 0; c < N; ++c) sum[tile_place<N>(r, c)] = Step::step(sum[tile_place<N>(r, c)], xv, wv[c]);
    }
  };
  int at = 0;
  for (; at + Step::span <= count; at += Step::span, ahead += N * Step::span * sizeof(W)) {
#pragma GCC unroll 4
    for (int line = 0; line < N * Step::span * int(sizeof(W)); line += 64)
      __builtin_prefetch(reinterpret_cast<const void*>(ahead + line), 0, 2);
    multiply(at, {Step::load_w(w[0] + at), Step::load_w(w[1] + at)});
  }
  if (at < count) multiply(at, {Step::load_w(w[0] + at, count - at), Step::load_w(w[1] + at, count - at)});
  if (ends) return store_tile<M, N>(sum, rows, columns, out, out_stride);
#pragma GCC unroll 16
  for (int place = 0; place < lanes; ++place) store_f32(sums + place * lanes, sum[place]);
}

/** At most few_rows rows by any number of columns. */
template <class X, class W>
[[gnu::noinline]] void dot_few(const X& x, int m, const W& w, int n, int k, float* out, int64_t out_stride) {
  using Step = DotStep<typename X::element, typename W::element>;
  using Element = typename W::element;
  static thread_local FewTile tile;
  for (int block = 0; block < n; block += few_columns) {
    const int end = n - block < few_columns ? n : block + few_columns;
    for (int begin = 0, count; begin < k; begin += count) {
      count = piece_of(k, begin, Step::span);
      // Rows past the last one hold what an earlier product left: their sums are not stored.
      for (int i = 0; i < m; ++i) widen_row<Step::span>(x[i] + begin, count, tile.x + i * piece_depth);
      for (int j = block; j < end; j += 2) {
        const Element* const columns[] = {w[j] + begin, w[j + 1 < n ? j + 1 : j] + begin};
        // The columns after the next ones, if they follow one another in memory: a hint, so no pointer arithmetic.
        const uintptr_t ahead = reinterpret_cast<uintptr_t>(columns[0]) + sizeof(Element) * 4 * k;
        few_block<Step>(tile.x, columns, count, begin == 0, begin + count == k, tile.sums + (j - block) * few_rows * lanes, m,
                        n - j, out + j, out_stride, ahead);
      }
    }
  }
}

}  // namespace ws::detail
