#include "kernels.h"

namespace ws {

/**
 * linear.y
 * x [T, 256], weight [512, 256], y [T, 512]
 */
void linear(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const Matrix<bf16>& weight,
    bf16* __restrict y) {
  constexpr int COLUMNS = 512;
  constexpr int ROW_BLOCK = DotBlocking<bf16, bf16>::xRows;
  constexpr int COLUMN_BLOCK = DotBlocking<bf16, bf16>::fewColumns;
  constexpr int TILE = std::max(ROW_BLOCK * 32, DotBlocking<bf16, bf16>::fewRows * COLUMN_BLOCK);
  const int rows = T;
  const int column_block = rows > DotBlocking<bf16, bf16>::fewRows ? 32 : worker.part_of(COLUMNS, COLUMN_BLOCK);
  const int column_blocks = (COLUMNS + column_block - 1) / column_block;
  float* const dot0_tile = worker.scratch<float>(TILE);
  int64_t unit;
  while (worker.take(column_blocks, unit)) {
    const int column_begin = int(unit) * column_block;
    const int column_count = std::min(column_block, COLUMNS - column_begin);
    const bf16* dot0_right[COLUMN_BLOCK];
    for (int i = 0; i < column_count; ++i) {
      const int n = column_begin + i;
      dot0_right[i] = weight.row(n);
    }
    for (int row_begin = 0; row_begin < rows; row_begin += ROW_BLOCK) {
      const int row_count = std::min(ROW_BLOCK, rows - row_begin);
      const bf16* dot0_left[ROW_BLOCK];
      for (int i = 0; i < row_count; ++i) {
        const int t = row_begin + i;
        dot0_left[i] = &x[t * 256L];
      }
      dot_tile(dot0_left, row_count, dot0_right, column_count, 256, dot0_tile, column_block);
      for (int i = 0; i < row_count; ++i) {
        const int t = row_begin + i;
#pragma omp simd
        for (int c = 0; c < column_count; ++c) {
          const int n = column_begin + c;
          const float dot0 = dot0_tile[i * column_block + c];
          y[t * 512L + n] = from_f32<bf16>(dot0);
        }
      }
    }
  }
}

/**
 * linearBias.y
 * x [T, 256], weight [512, 256], bias [512], y [T, 512]
 */
void linear_bias(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const Matrix<bf16>& weight,
    const bf16* __restrict bias, bf16* __restrict y) {
  constexpr int COLUMNS = 512;
  constexpr int ROW_BLOCK = DotBlocking<bf16, bf16>::xRows;
  constexpr int COLUMN_BLOCK = DotBlocking<bf16, bf16>::fewColumns;
  constexpr int TILE = std::max(ROW_BLOCK * 32, DotBlocking<bf16, bf16>::fewRows * COLUMN_BLOCK);
  const int rows = T;
  const int column_block = rows > DotBlocking<bf16, bf16>::fewRows ? 32 : worker.part_of(COLUMNS, COLUMN_BLOCK);
  const int column_blocks = (COLUMNS + column_block - 1) / column_block;
  float* const dot0_tile = worker.scratch<float>(TILE);
  int64_t unit;
  while (worker.take(column_blocks, unit)) {
    const int column_begin = int(unit) * column_block;
    const int column_count = std::min(column_block, COLUMNS - column_begin);
    const bf16* dot0_right[COLUMN_BLOCK];
    for (int i = 0; i < column_count; ++i) {
      const int n = column_begin + i;
      dot0_right[i] = weight.row(n);
    }
    for (int row_begin = 0; row_begin < rows; row_begin += ROW_BLOCK) {
      const int row_count = std::min(ROW_BLOCK, rows - row_begin);
      const bf16* dot0_left[ROW_BLOCK];
      for (int i = 0; i < row_count; ++i) {
        const int t = row_begin + i;
        dot0_left[i] = &x[t * 256L];
      }
      dot_tile(dot0_left, row_count, dot0_right, column_count, 256, dot0_tile, column_block);
      for (int i = 0; i < row_count; ++i) {
        const int t = row_begin + i;
#pragma omp simd
        for (int c = 0; c < column_count; ++c) {
          const int n = column_begin + c;
          const float dot0 = dot0_tile[i * column_block + c];
          y[t * 512L + n] = from_f32<bf16>(dot0 + to_f32(bias[n]));
        }
      }
    }
  }
}

/**
 * lmHead.logits
 * x [R, 256], weight [2048, 256], logits [R, 2048]
 */
void lm_head(const Batch& batch, Worker& worker, const int R, const bf16* __restrict x, const Matrix<bf16>& weight,
    float* __restrict logits) {
  constexpr int COLUMNS = 2048;
  constexpr int ROW_BLOCK = DotBlocking<bf16, bf16>::xRows;
  constexpr int COLUMN_BLOCK = DotBlocking<bf16, bf16>::fewColumns;
  constexpr int TILE = std::max(ROW_BLOCK * 32, DotBlocking<bf16, bf16>::fewRows * COLUMN_BLOCK);
  const int rows = R;
  const int column_block = rows > DotBlocking<bf16, bf16>::fewRows ? 32 : worker.part_of(COLUMNS, COLUMN_BLOCK);
  const int column_blocks = (COLUMNS + column_block - 1) / column_block;
  float* const dot0_tile = worker.scratch<float>(TILE);
  int64_t unit;
  while (worker.take(column_blocks, unit)) {
    const int column_begin = int(unit) * column_block;
    const int column_count = std::min(column_block, COLUMNS - column_begin);
    const bf16* dot0_right[COLUMN_BLOCK];
    for (int i = 0; i < column_count; ++i) {
      const int v = column_begin + i;
      dot0_right[i] = weight.row(v);
    }
    for (int row_begin = 0; row_begin < rows; row_begin += ROW_BLOCK) {
      const int row_count = std::min(ROW_BLOCK, rows - row_begin);
      const bf16* dot0_left[ROW_BLOCK];
      for (int i = 0; i < row_count; ++i) {
        const int r = row_begin + i;
        dot0_left[i] = &x[r * 256L];
      }
      dot_tile(dot0_left, row_count, dot0_right, column_count, 256, dot0_tile, column_block);
      for (int i = 0; i < row_count; ++i) {
        const int r = row_begin + i;
#pragma omp simd
        for (int c = 0; c < column_count; ++c) {
          const int v = column_begin + c;
          const float dot0 = dot0_tile[i * column_block + c];
          logits[r * 2048L + v] = dot0;
        }
      }
    }
  }
}

}  // namespace ws
