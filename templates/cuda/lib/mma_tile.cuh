// A tile of products on tensor cores, for many rows: sum[i][c] = sum over k of row_of(i)[k] * column_of(c)[k], for operands of
// one 16-bit type, rows aligned to 16 bytes and a depth that is a multiple of 8.
//
// Both operands pass through shared memory in stages of 64 elements a row, copied ahead by cp.async. A row of a stage is 128
// bytes; its 16-byte pieces are permuted by the row's number, so that neither the copies nor ldmatrix meet in a bank.
#pragma once

#include <cstdint>

#include "async.cuh"
#include "block.cuh"
#include "mma.cuh"

namespace ws {

template <class T, int ROWS, int COLUMNS, int WARP_ROWS, int WARP_COLUMNS, int STAGES>
struct MmaTile {
  static constexpr int rows = ROWS;
  static constexpr int columns = COLUMNS;
  static constexpr int threads = (ROWS / WARP_ROWS) * (COLUMNS / WARP_COLUMNS) * Warp::size;
  static constexpr int depth = 64;
  static constexpr int pieces = depth * int(sizeof(T)) / 16;
  static constexpr int stage_bytes = (ROWS + COLUMNS) * depth * int(sizeof(T));
  static constexpr int shared_bytes = STAGES * stage_bytes;
  static constexpr int row_copies = ROWS * pieces / threads;
  static constexpr int column_copies = COLUMNS * pieces / threads;
  static constexpr int rows_at_once = threads / pieces;
  static_assert(sizeof(T) == 2 && pieces == 8, "rows of 128 bytes");
  static_assert(WARP_ROWS % 16 == 0 && WARP_COLUMNS % 16 == 0, "whole matrices");
  static_assert(ROWS % rows_at_once == 0 && COLUMNS % rows_at_once == 0, "every thread copies the same number of pieces");

  struct Sums {
    float value[WARP_ROWS / 16][WARP_COLUMNS / 8][4] = {};
  };

  /** Where piece `piece` of row `row` lies in a stage's operand, in bytes. */
  static WS_DEVICE int place(int row, int piece) { return row * 128 + ((piece ^ (row & 7)) * 16); }

  /** The rows of one operand that a thread copies. */
  template <int COPIES>
  struct Source {
    const T* row[COPIES];

    template <class RowOf>
    WS_DEVICE Source(RowOf row_of, int count) {
#pragma unroll
      for (int i = 0; i < COPIES; ++i) {
        const int wanted = threadIdx.x / pieces + i * rows_at_once;
        row[i] = row_of(wanted < count ? wanted : count - 1);
      }
    }

    WS_DEVICE void copy(char* operand, int begin, int k) const {
      const int piece = threadIdx.x % pieces;
      const int at = begin + piece * 8;
#pragma unroll
      for (int i = 0; i < COPIES; ++i)
        copy_16_async(operand + place(threadIdx.x / pieces + i * rows_at_once, piece), row[i] + (at < k ? at : 0), at < k);
    }
  };
  using RowSource = Source<row_copies>;
  using ColumnSource = Source<column_copies>;

  static WS_DEVICE char* row_operand(char* shared, int stage) { return shared + stage % STAGES * stage_bytes; }
  static WS_DEVICE char* column_operand(char* shared, int stage) {
    return row_operand(shared, stage) + ROWS * depth * int(sizeof(T));
  }

  /** Starts to copy the columns of the first stages; nothing else may be copied before `multiply`. */
  static WS_DEVICE void prefetch(char* shared, const ColumnSource& columns_from, int k) {
    prefetch_between(shared, columns_from, 0, k);
  }

  /** Behind `prefetch`. The block's shared memory is free again when it returns. */
  static WS_DEVICE void multiply(char* shared, const RowSource& rows_from, const ColumnSource& columns_from, int k, Sums& sums) {
    multiply_between(shared, rows_from, columns_from, 0, k, sums);
  }

  /** The part of the depth from `begin`, a multiple of `depth`, to `end`. */
  static WS_DEVICE void prefetch_between(char* shared, const ColumnSource& columns_from, int begin, int end) {
#pragma unroll
    for (int stage = 0; stage < STAGES - 1; ++stage)
      if (begin + stage * depth < end) columns_from.copy(column_operand(shared, stage), begin + stage * depth, end);
  }

  static WS_DEVICE void multiply_between(char* shared, const RowSource& rows_from, const ColumnSource& columns_from,
                                         int begin, int end, Sums& sums) {
    const int steps = (end - begin + depth - 1) / depth;
#pragma unroll
    for (int stage = 0; stage < STAGES - 1; ++stage) {
      if (stage < steps) rows_from.copy(row_operand(shared, stage), begin + stage * depth, end);
      commit_copies();
    }
    for (int step = 0; step < steps; ++step) {
      wait_for_copies<STAGES - 2>();
      // All copies of this step have landed, and every warp is done with the step whose stage is filled next.
      __syncthreads();
      const int ahead = step + STAGES - 1;
      if (ahead < steps) {
        rows_from.copy(row_operand(shared, ahead), begin + ahead * depth, end);
        columns_from.copy(column_operand(shared, ahead), begin + ahead * depth, end);
      }
      commit_copies();
      multiply_stage(row_operand(shared, step), column_operand(shared, step), sums);
    }
    wait_for_copies<0>();
    __syncthreads();
  }

  static WS_DEVICE void multiply_stage(const char* row_side, const char* column_side, Sums& sums) {
    const int lane = threadIdx.x % Warp::size;
    const int warp_row = threadIdx.x / Warp::size / (COLUMNS / WARP_COLUMNS) * WARP_ROWS;
    const int warp_column = threadIdx.x / Warp::size % (COLUMNS / WARP_COLUMNS) * WARP_COLUMNS;
#pragma unroll
    for (int k = 0; k < depth / 16; ++k) {
      uint32_t a[WARP_ROWS / 16][4];
      uint32_t b[WARP_COLUMNS / 16][4];
#pragma unroll
      for (int m = 0; m < WARP_ROWS / 16; ++m)
        load_matrices(a[m], row_side + place(warp_row + m * 16 + lane % 16, k * 2 + lane / 16));
#pragma unroll
      for (int n = 0; n < WARP_COLUMNS / 16; ++n)
        load_matrices(b[n], column_side + place(warp_column + n * 16 + lane / 16 * 8 + lane % 8, k * 2 + lane / 8 % 2));
#pragma unroll
      for (int m = 0; m < WARP_ROWS / 16; ++m)
#pragma unroll
        for (int n = 0; n < WARP_COLUMNS / 8; ++n)
          Mma<T>::multiply(sums.value[m][n], a[m][0], a[m][1], a[m][2], a[m][3], b[n / 2][n % 2 * 2], b[n / 2][n % 2 * 2 + 1]);
    }
  }

  /** visit(i, c, the sums of that element) for each element of the tile that this thread holds. */
  template <class Visit, class... Several>
  static WS_DEVICE void each(Visit visit, const Several&... sums) {
#pragma unroll
    for (int m = 0; m < WARP_ROWS / 16; ++m)
#pragma unroll
      for (int n = 0; n < WARP_COLUMNS / 8; ++n) each_of_piece(visit, m, n, sums.value[m][n]...);
  }

  /** As above, for what this thread holds of the 16 rows and 8 columns that are piece (m, n) of its warp's. */
  template <class Visit, class... Several>
  static WS_DEVICE void each_of_piece(Visit visit, int m, int n, const Several&... sums) {
    const int lane = threadIdx.x % Warp::size;
    const int warp_row = threadIdx.x / Warp::size / (COLUMNS / WARP_COLUMNS) * WARP_ROWS;
    const int warp_column = threadIdx.x / Warp::size % (COLUMNS / WARP_COLUMNS) * WARP_COLUMNS;
#pragma unroll
    for (int e = 0; e < 4; ++e)
      visit(warp_row + m * 16 + lane / 4 + e / 2 * 8, warp_column + n * 8 + lane % 4 * 2 + e % 2, sums[e]...);
  }
};

}  // namespace ws
