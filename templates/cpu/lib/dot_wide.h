// The contraction of dot.h for many rows, on machines whose instructions take floats alone: operands are widened once and then
// met by every row of the other side, where a tile of dot.h widens both anew.
//
// An element sees the same products in the same order as there, so the result is the same to the bit. Operands pass in pieces of
// k whose widened rows stay in the first-level cache; the vectors of running sums wait in memory meanwhile.
#pragma once

#include <cstdint>
#include <type_traits>

#include "dot_step.h"
#include "fold.h"
#include "simd.h"

namespace ws::detail {

/** Rows from which on widening them pays. */
inline constexpr int wide_rows = lanes / 4 + 1;

/** What a thread keeps between the passes of one product. */
struct WideTile {
  static constexpr int M = lanes / 4;
  static constexpr int N = 4;
  /** Rows that pass all at once, with two columns. */
  static constexpr int few = lanes / 2;
  static constexpr int rows = 64;
  static constexpr int columns = 64;
  /** k of a piece: a multiple of every span; four rows of each side are less than a first-level cache of 32 KiB. */
  static constexpr int depth = 768;

  alignas(64) float x[rows * depth];
  alignas(64) float w[N * depth];
  alignas(64) float sums[rows * columns * lanes];
};

/** Widens `count` elements; what is missing of the last step is zero. */
template <int span, class T>
inline void widen_row(const T* p, int count, float* to) {
  int at = 0;
  for (; at + span <= count; at += span) widen_span<span>(p + at, to + at);
  if (at == count) return;
  T padded[span] = {};
  for (int i = 0; at + i < count; ++i) padded[i] = p[at + i];
  widen_span<span>(padded, to + at);
}

/**
 * The tile at widened rows x and w over `count` floats each, on top of `sums` unless they begin, folded into `out` if they end.
 * Meanwhile `ahead_per_step` bytes are asked for at each step, from `ahead` on: as in dot.h, and spread over the products, which
 * would wait for a burst of them.
 */
template <int ahead_per_step>
inline void wide_block(const float* x, const float* w, int count, bool begins, bool ends, float* sums, int rows, int columns,
                       float* out, int64_t out_stride, uintptr_t ahead) {
  constexpr int M = WideTile::M, N = WideTile::N;
  vec sum[lanes] = {};
  if (!begins) {
#pragma GCC unroll 16
    for (int place = 0; place < lanes; ++place) sum[place] = load_f32(sums + place * lanes);
  }
  for (int at = 0; at < count; at += lanes, ahead += ahead_per_step) {
#pragma GCC unroll 4
    for (int line = 0; line < ahead_per_step; line += 64)
      __builtin_prefetch(reinterpret_cast<const void*>(ahead + line), 0, 2);
    vec wv[N];
#pragma GCC unroll 16
    for (int c = 0; c < N; ++c) wv[c] = load_f32(w + c * WideTile::depth + at);
#pragma GCC unroll 16
    for (int r = 0; r < M; ++r) {
      const vec xv = load_f32(x + r * WideTile::depth + at);
#pragma GCC unroll 16
      for (int c = 0; c < N; ++c) sum[tile_place<N>(r, c)] = fused(xv, wv[c], sum[tile_place<N>(r, c)]);
    }
  }
  if (ends) return store_tile<M, N>(sum, rows, columns, out, out_stride);
#pragma GCC unroll 16
  for (int place = 0; place < lanes; ++place) store_f32(sums + place * lanes, sum[place]);
}

/**
 * As wide_block for few rows, where the time is that of reading the columns: they are widened on their way into all rows at once,
 * so that nothing but the products stands between one request of memory and the next.
 */
template <class Step, class W>
inline void wide_few(const float* x, const W* const (&w)[2], int count, bool begins, bool ends, float* sums, int rows,
                     int columns, float* out, int64_t out_stride, uintptr_t ahead) {
  constexpr int M = WideTile::few, N = 2;
  vec sum[lanes] = {};
  if (!begins) {
#pragma GCC unroll 16
    for (int place = 0; place < lanes; ++place) sum[place] = load_f32(sums + place * lanes);
  }
  const auto multiply = [&](int at, const typename Step::Y (&wv)[N]) {
#pragma GCC unroll 16
    for (int r = 0; r < M; ++r) {
      const typename Step::X xv = Step::widened(x + r * WideTile::depth + at);
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

/** At most WideTile::rows by WideTile::columns elements. */
template <class X, class W>
void dot_wide_tile(const X& x, int x_begin, int m, const W& w, int w_begin, int n, int k, float* out, int64_t out_stride) {
  using Step = DotStep<typename X::element, typename W::element>;
  using Element = typename W::element;
  constexpr int span = Step::span;
  constexpr int M = WideTile::M, N = WideTile::N, depth = WideTile::depth;
  // Half a megabyte that a thread takes once, at its first product.
  static thread_local WideTile tile;
  for (int begin = 0; begin < k; begin += depth) {
    const int count = k - begin < depth ? k - begin : depth;
    const int widened = (count + span - 1) / span * span;
    for (int i = 0; i < m; ++i) widen_row<span>(x[x_begin + i] + begin, count, tile.x + i * depth);
    // The next columns, if they follow one another in memory: a hint, so no pointer arithmetic.
    const auto behind = [&](int j, int columns) {
      return reinterpret_cast<uintptr_t>(w[w_begin + j] + begin) + sizeof(Element) * columns * k;
    };
    // Rows past the last one hold what an earlier product left: their sums are not stored.
    if (m <= WideTile::few) {
      for (int j = 0; j < n; j += 2) {
        const Element* const columns[] = {w[w_begin + j] + begin, w[w_begin + (j + 1 < n ? j + 1 : j)] + begin};
        wide_few<Step>(tile.x, columns, count, begin == 0, begin + count == k, tile.sums + j * WideTile::few * lanes, m, n - j,
                       out + j, out_stride, behind(j, 4));
      }
      continue;
    }
    for (int j = 0; j < n; j += N) {
      for (int c = 0; c < N; ++c)
        widen_row<span>(w[w_begin + (j + c < n ? j + c : n - 1)] + begin, count, tile.w + c * depth);
      const auto block = [&](auto ahead_per_step, int i, uintptr_t ahead) {
        wide_block<ahead_per_step>(tile.x + i * depth, tile.w, widened, begin == 0, begin + count == k,
                                   tile.sums + (i * WideTile::columns + j * M) * lanes, m - i, n - j,
                                   out + i * out_stride + j, out_stride, ahead);
      };
      constexpr int half = N / 2 * lanes * int(sizeof(Element));
      const uintptr_t ahead = behind(j, N);
      block(std::integral_constant<int, half>(), 0, ahead);
      block(std::integral_constant<int, half>(), M, ahead + N / 2 * sizeof(Element) * k);
      for (int i = 2 * M; i < m; i += M) block(std::integral_constant<int, 0>(), i, ahead);
    }
  }
}

template <class X, class W>
[[gnu::noinline]] void dot_wide(const X& x, int m, const W& w, int n, int k, float* out, int64_t out_stride) {
  for (int i = 0; i < m; i += WideTile::rows)
    for (int j = 0; j < n; j += WideTile::columns)
      dot_wide_tile(x, i, m - i < WideTile::rows ? m - i : WideTile::rows, w, j,
                    n - j < WideTile::columns ? n - j : WideTile::columns, k, out + i * out_stride + j, out_stride);
}

}  // namespace ws::detail
