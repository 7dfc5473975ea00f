// The contraction: out[i][j] = sum over k of x[i][k] * w[j][k], both operands contiguous along k.
//
// An element's bits depend on its two rows alone: every element is one vector accumulator stepped over k in order, folded
// by one fixed tree. Neither m, n nor the place in a tile enters, so that a row gives the same result alone, in a batch,
// in a chunk of a prefill and on any number of threads.
//
// Register tiles hold `lanes` accumulators whatever their shape, and a tile's sums are folded together by shuffles: with
// rows of 64 elements, folding them one by one would cost more than the products.
#pragma once

#include <cstdint>

#include "dot_few.h"
#include "dot_step.h"
#include "dot_wide.h"
#include "fold.h"
#include "simd.h"

namespace ws {

/** Rows at one base address, `stride` elements apart. */
template <class T>
struct StridedRows {
  using element = T;
  const T* base;
  int64_t stride;
  const T* operator[](int row) const { return base + row * stride; }
};

/** Rows anywhere, such as those of a merged projection or of a paged cache. */
template <class T>
struct PointerRows {
  using element = T;
  const T* const* rows;
  const T* operator[](int row) const { return rows[row]; }
};

/**
 * Sizes that callers do best to hand to `dot_tile`: wRows * K weights ought to stay in half of a core's second-level cache
 * while all xRows pass over them. A thread with few x rows streams the weights once; what it does to the rows beforehand
 * is worth more, the more columns it takes at a time.
 */
template <class A, class W>
struct DotBlocking {
  static constexpr int xRows = detail::wide_block_rows;
  static constexpr int wRows = 64;
  static constexpr int fewRows = detail::few_rows;
  static constexpr int fewColumns = detail::few_columns;
};

namespace detail {

/**
 * One tile of M x N elements, M * N <= lanes. Rows past `rows` or `columns` repeat the last one and are not stored.
 *
 * With `Ahead`, as many lines are asked for as are read, from where the next group of rows lies if rows follow one another
 * in memory. They come in order of address and to the second-level cache: rows read side by side are no stream to the
 * hardware's prefetcher, and reach two thirds of the memory's rate without this.
 */
template <int M, int N, bool Ahead, class X, class W>
inline void dot_block(const X& x, int i, int rows, const W& w, int j, int columns, int k, float* out,
                      int64_t out_stride) {
  using Step = DotStep<typename X::element, typename W::element>;
  static_assert(M * N <= lanes);
  const typename X::element* xs[M];
  const typename W::element* ws[N];
#pragma GCC unroll 16
  for (int r = 0; r < M; ++r) xs[r] = x[i + (r < rows ? r : rows - 1)];
#pragma GCC unroll 16
  for (int c = 0; c < N; ++c) ws[c] = w[j + (c < columns ? c : columns - 1)];
  // A hint that may lie past the weights' end: an address only, hence no pointer arithmetic.
  const uintptr_t ahead = reinterpret_cast<uintptr_t>(ws[0]) + sizeof(typename W::element) * lanes * k;
  constexpr int step_bytes = N * Step::span * static_cast<int>(sizeof(typename W::element));

  vec sum[lanes] = {};
  int at = 0;
  for (; at + Step::span <= k; at += Step::span) {
    if constexpr (Ahead) {
#pragma GCC unroll 16
      for (int line = 0; line < step_bytes; line += 64)
        __builtin_prefetch(reinterpret_cast<const void*>(ahead + at / Step::span * step_bytes + line), 0, 2);
    }
    typename Step::Y wv[N];
#pragma GCC unroll 16
    for (int c = 0; c < N; ++c) wv[c] = Step::load_w(ws[c] + at);
#pragma GCC unroll 16
    for (int r = 0; r < M; ++r) {
      const typename Step::X xv = Step::load_x(xs[r] + at);
#pragma GCC unroll 16
      for (int c = 0; c < N; ++c) sum[tile_place<N>(r, c)] = Step::step(sum[tile_place<N>(r, c)], xv, wv[c]);
    }
  }
  if (at < k) {
    typename Step::Y wv[N];
#pragma GCC unroll 16
    for (int c = 0; c < N; ++c) wv[c] = Step::load_w(ws[c] + at, k - at);
#pragma GCC unroll 16
    for (int r = 0; r < M; ++r) {
      const typename Step::X xv = Step::load_x(xs[r] + at, k - at);
#pragma GCC unroll 16
      for (int c = 0; c < N; ++c) sum[tile_place<N>(r, c)] = Step::step(sum[tile_place<N>(r, c)], xv, wv[c]);
    }
  }
  store_tile<M, N>(sum, rows, columns, out + i * out_stride + j, out_stride);
}

/** All columns of one group of `lanes`, for the rows i .. i + M. */
template <int M, bool Ahead, class X, class W>
inline void dot_rows(const X& x, int i, int rows, const W& w, int j, int columns, int k, float* out, int64_t out_stride) {
  constexpr int N = lanes / M;
  for (int c = 0; c < columns; c += N)
    dot_block<M, N, Ahead>(x, i, rows, w, j + c, columns - c, k, out, out_stride);
}

/**
 * All rows against one group of columns; the weights of the next one are asked for while the first rows pass. Not inlined:
 * six tiles would be compiled anew in every kernel.
 */
template <class X, class W>
[[gnu::noinline]] void dot_group(const X& x, int m, const W& w, int j, int columns, int k, float* out, int64_t out_stride) {
  constexpr int M = lanes / 4;
  const int first = m < M ? m : M;
  if (first == 1) dot_rows<1, true>(x, 0, 1, w, j, columns, k, out, out_stride);
  else if (first == 2) dot_rows<2, true>(x, 0, 2, w, j, columns, k, out, out_stride);
  else dot_rows<M, true>(x, 0, first, w, j, columns, k, out, out_stride);
  int i = first;
  for (; i + M <= m; i += M) dot_rows<M, false>(x, i, M, w, j, columns, k, out, out_stride);
  if (m - i == 1) dot_rows<1, false>(x, i, 1, w, j, columns, k, out, out_stride);
  else if (m - i == 2) dot_rows<2, false>(x, i, 2, w, j, columns, k, out, out_stride);
  else if (m - i > 2) dot_rows<M, false>(x, i, m - i, w, j, columns, k, out, out_stride);
}

}  // namespace detail

/** out[i * out_stride + j] = sum over kk < k of x[i][kk] * w[j][kk], for i < m and j < n; all of them at least 1. */
template <class X, class W>
  requires requires { typename X::element; typename W::element; }
inline void dot_tile(const X& x, int m, const W& w, int n, int k, float* out, int64_t out_stride) {
  if constexpr (step_widens<typename X::element, typename W::element>) {
    if (m > detail::few_rows) return detail::dot_wide(x, m, w, n, k, out, out_stride);
    if (m > lanes / 4) return detail::dot_few(x, m, w, n, k, out, out_stride);
  }
  for (int j = 0; j < n; j += lanes) detail::dot_group(x, m, w, j, n - j < lanes ? n - j : lanes, k, out, out_stride);
}

template <class A, class B>
inline void dot_tile(const A* const* x, int m, const B* const* w, int n, int k, float* out, int64_t out_stride) {
  dot_tile(PointerRows<A>{x}, m, PointerRows<B>{w}, n, k, out, out_stride);
}

}  // namespace ws
