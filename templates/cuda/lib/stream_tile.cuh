// A tile of products for few rows, where the time is that of reading the columns once: sum[i][c] = sum over k of
// row_of(i)[k] * column_of(c)[k], for operands of one 16-bit type, rows aligned to 16 bytes and a depth that is a multiple of 8.
//
// Columns go from device memory to registers in 16-byte pieces and from there into tensor cores, as the operand of 16 rows;
// the few rows are the operand of 8. A lane's piece holds 8 neighbours of k: both operands take them for the same places
// of two multiplications, so that nothing has to be rearranged. The warps of a block share its columns and split k.
#pragma once

#include <cstdint>

#include "async.cuh"
#include "block.cuh"
#include "mma.cuh"

namespace ws {

template <class T, int WARPS, int AHEAD>
struct StreamTile {
  static constexpr int rows = 32;
  static constexpr int columns = 16;
  static constexpr int threads = WARPS * Warp::size;
  /** k of a step: four lanes with 8 elements each. */
  static constexpr int depth = 32;
  /** Steps whose columns are under way at once. */
  static constexpr int ahead = AHEAD;
  static constexpr int row_groups = rows / 8;
  /** Of one product: the warps' partial sums. */
  static constexpr int shared_bytes = WARPS * rows * columns * 4;
  static_assert(sizeof(T) == 2, "tensor cores take 16-bit elements");

  /** Two columns a lane: g and g + 8. */
  struct ColumnSource {
    const T* column[2];
    uint4 first[ahead][2];

    template <class ColumnOf>
    WS_DEVICE ColumnSource(ColumnOf column_of, int count) {
      const int wanted = threadIdx.x % Warp::size / 4;
      column[0] = column_of(wanted < count ? wanted : count - 1);
      column[1] = column_of(wanted + 8 < count ? wanted + 8 : count - 1);
    }

    WS_DEVICE void load(uint4 (&pieces)[ahead][2], int begin, int k) const {
#pragma unroll
      for (int step = 0; step < ahead; ++step) {
        const int at = piece_of(begin, step);
#pragma unroll
        for (int half = 0; half < 2; ++half)
          pieces[step][half] = at < k ? load_16_once(column[half] + at) : make_uint4(0, 0, 0, 0);
      }
    }

    /** The first steps' columns, before anything else is known. */
    WS_DEVICE void prefetch(int k) { load(first, 0, k); }
  };

  struct RowSource {
    const T* row[row_groups];

    template <class RowOf>
    WS_DEVICE RowSource(RowOf row_of, int count) {
#pragma unroll
      for (int group = 0; group < row_groups; ++group) {
        const int wanted = group * 8 + threadIdx.x % Warp::size / 4;
        row[group] = row_of(wanted < count ? wanted : count - 1);
      }
    }
  };

  /** Where a lane's piece of a step begins; steps are dealt to the warps in turn. */
  static WS_DEVICE int piece_of(int begin, int step) {
    return begin + (step * WARPS + int(threadIdx.x) / Warp::size) * depth + int(threadIdx.x) % 4 * 8;
  }

  /** Behind `ColumnSource::prefetch`. Writes the warp's partial sums to `shared`, [WARPS][rows][columns]. */
  static WS_DEVICE void multiply(char* shared, const RowSource& rows_from, ColumnSource& columns_from, int row_count, int k) {
    float sums[row_groups][4] = {};
    uint4 pieces[ahead][2];
    for (int begin = 0; begin < k; begin += ahead * WARPS * depth) {
#pragma unroll
      for (int step = 0; step < ahead; ++step) {
        pieces[step][0] = columns_from.first[step][0];
        pieces[step][1] = columns_from.first[step][1];
      }
      if (begin + ahead * WARPS * depth < k) columns_from.load(columns_from.first, begin + ahead * WARPS * depth, k);
#pragma unroll
      for (int group = 0; group < row_groups; ++group) {
        if (group * 8 >= row_count) continue;
        uint4 x[ahead];
#pragma unroll
        for (int step = 0; step < ahead; ++step) {
          const int at = piece_of(begin, step);
          x[step] = at < k ? load_16(rows_from.row[group] + at) : make_uint4(0, 0, 0, 0);
        }
#pragma unroll
        for (int step = 0; step < ahead; ++step) {
          const uint4 low = pieces[step][0];
          const uint4 high = pieces[step][1];
          Mma<T>::multiply(sums[group], low.x, high.x, low.y, high.y, x[step].x, x[step].y);
          Mma<T>::multiply(sums[group], low.z, high.z, low.w, high.w, x[step].z, x[step].w);
        }
      }
    }
    const int lane = threadIdx.x % Warp::size;
    float* const partial = reinterpret_cast<float*>(shared) + threadIdx.x / Warp::size * rows * columns;
#pragma unroll
    for (int group = 0; group < row_groups; ++group) {
      if (group * 8 >= row_count) continue;
#pragma unroll
      for (int e = 0; e < 4; ++e)
        partial[(group * 8 + lane % 4 * 2 + e % 2) * columns + lane / 4 + e / 2 * 8] = sums[group][e];
    }
  }

  /** Element (i, c) of the sum over the warps. */
  static WS_DEVICE float sum_of(const char* shared, int i, int c) {
    const float* const partial = reinterpret_cast<const float*>(shared);
    float sum = 0.0f;
#pragma unroll
    for (int warp = 0; warp < WARPS; ++warp) sum += partial[(warp * rows + i) * columns + c];
    return sum;
  }
};

}  // namespace ws
