// Weighted sums of rows: acc[i][c] += sum over jj < j of p[i][jj] * v[jj][c], the second product of attend.
// jj ascends with one fused multiply-add a term, so that an element's bits depend neither on m nor on the blocking of c.
#pragma once

#include <cstdint>
#include <type_traits>

#include "simd.h"

namespace ws {

namespace detail {

/** M rows by C vectors of columns from column c on, of which `columns` exist. */
template <int M, int C, class V>
inline void accumulate_block(const float* p, int64_t p_stride, const V* const* v, int j, int c, int columns, float* acc,
                             int64_t acc_stride) {
  vec sum[M][C];
#pragma GCC unroll 8
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 8
    for (int u = 0; u < C; ++u) sum[i][u] = columns == C * lanes
                                                ? load_f32(acc + i * acc_stride + c + u * lanes)
                                                : load_f32(acc + i * acc_stride + c, columns);
  for (int jj = 0; jj < j; ++jj) {
    vec value[C];
#pragma GCC unroll 8
    for (int u = 0; u < C; ++u)
      value[u] = columns == C * lanes ? load_f32(v[jj] + c + u * lanes) : load_f32(v[jj] + c, columns);
#pragma GCC unroll 8
    for (int i = 0; i < M; ++i) {
      const vec weight = splat(p[i * p_stride + jj]);
#pragma GCC unroll 8
      for (int u = 0; u < C; ++u) sum[i][u] = fused(weight, value[u], sum[i][u]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 8
    for (int u = 0; u < C; ++u) {
      float* to = acc + i * acc_stride + c + u * lanes;
      if (columns == C * lanes) store_f32(to, sum[i][u]);
      else store_f32(to, sum[i][u], columns);
    }
}

/** `columns` columns from c on for all rows. */
template <int C, class V>
inline void accumulate_strip(const float* p, int64_t p_stride, int m, const V* const* v, int j, int c, int columns, float* acc,
                             int64_t acc_stride) {
  int i = 0;
  for (; i + 4 <= m; i += 4)
    accumulate_block<4, C>(p + i * p_stride, p_stride, v, j, c, columns, acc + i * acc_stride, acc_stride);
  p += i * p_stride;
  acc += i * acc_stride;
  if (m - i == 3) accumulate_block<3, C>(p, p_stride, v, j, c, columns, acc, acc_stride);
  else if (m - i == 2) accumulate_block<2, C>(p, p_stride, v, j, c, columns, acc, acc_stride);
  else if (m - i == 1) accumulate_block<1, C>(p, p_stride, v, j, c, columns, acc, acc_stride);
}

/** Values that are widened once for all rows, and rows from which on that pays. */
inline constexpr int widened_values = 64;
inline constexpr int widening_rows = 9;

}  // namespace detail

/**
 * acc[i * acc_stride + c] += p[i * p_stride + jj] * v[jj][c] for i < m, jj < j, c < d. A weight of 0 does not hide a NaN or
 * an infinity of its row: pass rows that hold values.
 */
template <class V>
inline void accumulate_rows(const float* p, int64_t p_stride, int m, const V* const* v, int j, int d, float* acc,
                            int64_t acc_stride) {
  constexpr int C = vector_registers == 32 ? 4 : 2;
  int c = 0;
  if constexpr (!std::is_same_v<V, float>) {
    if (m >= detail::widening_rows && j <= detail::widened_values) {
      alignas(64) float wide[detail::widened_values * C * lanes];
      const float* rows[detail::widened_values];
      for (; c + C * lanes <= d; c += C * lanes) {
        for (int jj = 0; jj < j; ++jj) {
          float* const row = wide + jj * C * lanes;
#pragma GCC unroll 8
          for (int u = 0; u < C; ++u) store_f32(row + u * lanes, load_f32(v[jj] + c + u * lanes));
          rows[jj] = row;
        }
        detail::accumulate_strip<C>(p, p_stride, m, rows, j, 0, C * lanes, acc + c, acc_stride);
      }
    }
  }
  for (; c + C * lanes <= d; c += C * lanes)
    detail::accumulate_strip<C>(p, p_stride, m, v, j, c, C * lanes, acc, acc_stride);
  for (; c + lanes <= d; c += lanes) detail::accumulate_strip<1>(p, p_stride, m, v, j, c, lanes, acc, acc_stride);
  if (c < d) detail::accumulate_strip<1>(p, p_stride, m, v, j, c, d - c, acc, acc_stride);
}

/** acc[i][c] *= factor[i] for i < m, c < d. */
inline void scale_rows(float* acc, int m, int d, int64_t stride, const float* factor) {
  for (int i = 0; i < m; ++i) {
    float* row = acc + i * stride;
    const float scale = factor[i];
#pragma omp simd
    for (int c = 0; c < d; ++c) row[c] *= scale;
  }
}

}  // namespace ws
