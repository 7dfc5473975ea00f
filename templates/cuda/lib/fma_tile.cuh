// A tile of products on the CUDA cores, for operands of any type, alignment and depth: sum[i][c] = sum over k of
// row_of(i)[k] * column_of(c)[k], in f32.
#pragma once

#include "block.cuh"
#include "types.cuh"

namespace ws {

template <class A, class B>
struct FmaTile {
  static constexpr int rows = 64;
  static constexpr int columns = 64;
  static constexpr int threads = 256;
  static constexpr int depth = 16;
  /** Floats between two k of an operand in shared memory: four more, so that rows do not meet in a bank. */
  static constexpr int pitch = 68;
  static constexpr int shared_bytes = 2 * depth * pitch * 4;

  struct Sums {
    float value[4][4] = {};
  };

  /** The rows of one operand that a thread brings: one element of a step from each of four. */
  template <class T>
  struct Source {
    const T* row[4];

    template <class RowOf>
    WS_DEVICE Source(RowOf row_of, int count) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int wanted = threadIdx.x / depth + i * 16;
        row[i] = row_of(wanted < count ? wanted : count - 1);
      }
    }

    WS_DEVICE void bring(float* operand, int begin, int k) const {
      const int at = threadIdx.x % depth;
#pragma unroll
      for (int i = 0; i < 4; ++i)
        operand[at * pitch + threadIdx.x / depth + i * 16] = begin + at < k ? to_f32(row[i][begin + at]) : 0.0f;
    }
  };
  using RowSource = Source<A>;
  using ColumnSource = Source<B>;

  /** The block's shared memory is free again when it returns. */
  static WS_DEVICE void multiply(char* shared, const RowSource& rows_from, const ColumnSource& columns_from, int k, Sums& sums) {
    float* const row_side = reinterpret_cast<float*>(shared);
    float* const column_side = row_side + depth * pitch;
    const int first_row = threadIdx.x / 16 * 4;
    const int first_column = threadIdx.x % 16 * 4;
    for (int begin = 0; begin < k; begin += depth) {
      rows_from.bring(row_side, begin, k);
      columns_from.bring(column_side, begin, k);
      __syncthreads();
#pragma unroll
      for (int at = 0; at < depth; ++at) {
        float a[4];
        float b[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          a[i] = row_side[at * pitch + first_row + i];
          b[i] = column_side[at * pitch + first_column + i];
        }
#pragma unroll
        for (int i = 0; i < 4; ++i)
#pragma unroll
          for (int c = 0; c < 4; ++c) sums.value[i][c] = fused(a[i], b[c], sums.value[i][c]);
      }
      __syncthreads();
    }
  }

  /** visit(i, c, the sums of that element) for each element of the tile that this thread holds. */
  template <class Visit, class... Several>
  static WS_DEVICE void each(Visit visit, const Several&... sums) {
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
      for (int c = 0; c < 4; ++c) visit(threadIdx.x / 16 * 4 + i, threadIdx.x % 16 * 4 + c, sums.value[i][c]...);
  }
};

}  // namespace ws
