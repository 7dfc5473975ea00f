#include "lib/kernel.cuh"

// Not every expression uses all indices of its place.
#pragma nv_diag_suppress 177

namespace ws {

/** Positions in a block of the paged cache. */
constexpr int BLOCK_SIZE = 64;

/**
 * linear.y
 * x [T, 256], weight [512, 256], y [T, 512]
 *
 * For at most 32 rows: the columns stream past them.
 */
WS_DEVICE void linear_few_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, bf16* __restrict__ y) {
  using Tile0 = StreamTile<bf16, 2, 4>;
  using Tile = Tile0;
  constexpr int COLUMNS = 512;
  const int rows = T;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int n = place.column_begin + i;
    return &weight[n * 256L];
  }, place.column_count);
  dot0_right.prefetch(256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int t = place.row_begin + i;
    return &x[t * 256L];
  }, place.row_count);
  Tile0::multiply(shared, dot0_left, dot0_right, place.row_count, 256);
  // publish
  __syncthreads();
  for (int element = threadIdx.x; element < place.row_count * Tile::columns; element += Tile::threads) {
    const int i = element / Tile::columns;
    const int c = element % Tile::columns;
    if (c >= place.column_count) continue;
    const float dot0 = Tile0::sum_of(shared, i, c);
    const int t = place.row_begin + i;
    const int n = place.column_begin + c;
    y[t * 512L + n] = from_f32<bf16>(dot0);
  }
}

extern "C" __global__ void __launch_bounds__(64, 3) linear_few(const Batch batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, bf16* __restrict__ y) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  linear_few_part(shared, blockIdx.x, batch, T, x, weight, y);
}

/**
 * linear.y
 * x [T, 256], weight [512, 256], y [T, 512]
 *
 * For 33 rows and more: tiles of 64 rows and 64 columns on tensor cores.
 */
WS_DEVICE void linear_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, bf16* __restrict__ y) {
  using Tile0 = MmaTile<bf16, 64, 64, 32, 32, 5>;
  using Tile = Tile0;
  constexpr int COLUMNS = 512;
  const int rows = T;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int n = place.column_begin + i;
    return &weight[n * 256L];
  }, place.column_count);
  Tile::prefetch(shared, dot0_right, 256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int t = place.row_begin + i;
    return &x[t * 256L];
  }, place.row_count);
  Tile0::Sums dot0_sums;
  Tile0::multiply(shared, dot0_left, dot0_right, 256, dot0_sums);
  // publish
  Tile::each([&](int i, int c, float dot0) {
    if (i >= place.row_count || c >= place.column_count) return;
    const int t = place.row_begin + i;
    const int n = place.column_begin + c;
    y[t * 512L + n] = from_f32<bf16>(dot0);
  }, dot0_sums);
}

extern "C" __global__ void __launch_bounds__(128, 1) linear(const Batch batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, bf16* __restrict__ y) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  linear_part(shared, blockIdx.x, batch, T, x, weight, y);
}

/**
 * linear.y
 * x [T, 256], weight [512, 256], y [T, 512]
 *
 * For 3072 rows and more: tiles of 128 rows and 128 columns on tensor cores.
 */
WS_DEVICE void linear_large_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, bf16* __restrict__ y) {
  using Tile0 = MmaTile<bf16, 128, 128, 64, 32, 3>;
  using Tile = Tile0;
  constexpr int COLUMNS = 512;
  const int rows = T;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int n = place.column_begin + i;
    return &weight[n * 256L];
  }, place.column_count);
  Tile::prefetch(shared, dot0_right, 256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int t = place.row_begin + i;
    return &x[t * 256L];
  }, place.row_count);
  Tile0::Sums dot0_sums;
  Tile0::multiply(shared, dot0_left, dot0_right, 256, dot0_sums);
  // publish
  Tile::each([&](int i, int c, float dot0) {
    if (i >= place.row_count || c >= place.column_count) return;
    const int t = place.row_begin + i;
    const int n = place.column_begin + c;
    y[t * 512L + n] = from_f32<bf16>(dot0);
  }, dot0_sums);
}

extern "C" __global__ void __launch_bounds__(256, 1) linear_large(const Batch batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, bf16* __restrict__ y) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  linear_large_part(shared, blockIdx.x, batch, T, x, weight, y);
}

/**
 * linearBias.y
 * x [T, 256], weight [512, 256], bias [512], y [T, 512]
 *
 * For at most 32 rows: the columns stream past them.
 */
WS_DEVICE void linear_bias_few_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, const bf16* __restrict__ bias, bf16* __restrict__ y) {
  using Tile0 = StreamTile<bf16, 2, 4>;
  using Tile = Tile0;
  constexpr int COLUMNS = 512;
  const int rows = T;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int n = place.column_begin + i;
    return &weight[n * 256L];
  }, place.column_count);
  dot0_right.prefetch(256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int t = place.row_begin + i;
    return &x[t * 256L];
  }, place.row_count);
  Tile0::multiply(shared, dot0_left, dot0_right, place.row_count, 256);
  // publish
  __syncthreads();
  for (int element = threadIdx.x; element < place.row_count * Tile::columns; element += Tile::threads) {
    const int i = element / Tile::columns;
    const int c = element % Tile::columns;
    if (c >= place.column_count) continue;
    const float dot0 = Tile0::sum_of(shared, i, c);
    const int t = place.row_begin + i;
    const int n = place.column_begin + c;
    y[t * 512L + n] = from_f32<bf16>(dot0 + to_f32(bias[n]));
  }
}

extern "C" __global__ void __launch_bounds__(64, 3) linear_bias_few(const Batch batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, const bf16* __restrict__ bias, bf16* __restrict__ y) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  linear_bias_few_part(shared, blockIdx.x, batch, T, x, weight, bias, y);
}

/**
 * linearBias.y
 * x [T, 256], weight [512, 256], bias [512], y [T, 512]
 *
 * For 33 rows and more: tiles of 64 rows and 64 columns on tensor cores.
 */
WS_DEVICE void linear_bias_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, const bf16* __restrict__ bias, bf16* __restrict__ y) {
  using Tile0 = MmaTile<bf16, 64, 64, 32, 32, 5>;
  using Tile = Tile0;
  constexpr int COLUMNS = 512;
  const int rows = T;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int n = place.column_begin + i;
    return &weight[n * 256L];
  }, place.column_count);
  Tile::prefetch(shared, dot0_right, 256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int t = place.row_begin + i;
    return &x[t * 256L];
  }, place.row_count);
  Tile0::Sums dot0_sums;
  Tile0::multiply(shared, dot0_left, dot0_right, 256, dot0_sums);
  // publish
  Tile::each([&](int i, int c, float dot0) {
    if (i >= place.row_count || c >= place.column_count) return;
    const int t = place.row_begin + i;
    const int n = place.column_begin + c;
    y[t * 512L + n] = from_f32<bf16>(dot0 + to_f32(bias[n]));
  }, dot0_sums);
}

extern "C" __global__ void __launch_bounds__(128, 1) linear_bias(const Batch batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, const bf16* __restrict__ bias, bf16* __restrict__ y) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  linear_bias_part(shared, blockIdx.x, batch, T, x, weight, bias, y);
}

/**
 * linearBias.y
 * x [T, 256], weight [512, 256], bias [512], y [T, 512]
 *
 * For 3072 rows and more: tiles of 128 rows and 128 columns on tensor cores.
 */
WS_DEVICE void linear_bias_large_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, const bf16* __restrict__ bias, bf16* __restrict__ y) {
  using Tile0 = MmaTile<bf16, 128, 128, 64, 32, 3>;
  using Tile = Tile0;
  constexpr int COLUMNS = 512;
  const int rows = T;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int n = place.column_begin + i;
    return &weight[n * 256L];
  }, place.column_count);
  Tile::prefetch(shared, dot0_right, 256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int t = place.row_begin + i;
    return &x[t * 256L];
  }, place.row_count);
  Tile0::Sums dot0_sums;
  Tile0::multiply(shared, dot0_left, dot0_right, 256, dot0_sums);
  // publish
  Tile::each([&](int i, int c, float dot0) {
    if (i >= place.row_count || c >= place.column_count) return;
    const int t = place.row_begin + i;
    const int n = place.column_begin + c;
    y[t * 512L + n] = from_f32<bf16>(dot0 + to_f32(bias[n]));
  }, dot0_sums);
}

extern "C" __global__ void __launch_bounds__(256, 1) linear_bias_large(const Batch batch, const int T, const bf16* __restrict__ x, const bf16* __restrict__ weight, const bf16* __restrict__ bias, bf16* __restrict__ y) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  linear_bias_large_part(shared, blockIdx.x, batch, T, x, weight, bias, y);
}

/**
 * lmHead.logits
 * x [R, 256], weight [2048, 256], logits [R, 2048]
 *
 * For at most 32 rows: the columns stream past them.
 */
WS_DEVICE void lm_head_few_part(char* shared, const int unit, const Batch& batch, const int R, const bf16* __restrict__ x, const bf16* __restrict__ weight, float* __restrict__ logits) {
  using Tile0 = StreamTile<bf16, 2, 4>;
  using Tile = Tile0;
  constexpr int COLUMNS = 2048;
  const int rows = R;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int v = place.column_begin + i;
    return &weight[v * 256L];
  }, place.column_count);
  dot0_right.prefetch(256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int r = place.row_begin + i;
    return &x[r * 256L];
  }, place.row_count);
  Tile0::multiply(shared, dot0_left, dot0_right, place.row_count, 256);
  // publish
  __syncthreads();
  for (int element = threadIdx.x; element < place.row_count * Tile::columns; element += Tile::threads) {
    const int i = element / Tile::columns;
    const int c = element % Tile::columns;
    if (c >= place.column_count) continue;
    const float dot0 = Tile0::sum_of(shared, i, c);
    const int r = place.row_begin + i;
    const int v = place.column_begin + c;
    logits[r * 2048L + v] = dot0;
  }
}

extern "C" __global__ void __launch_bounds__(64, 3) lm_head_few(const Batch batch, const int R, const bf16* __restrict__ x, const bf16* __restrict__ weight, float* __restrict__ logits) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  lm_head_few_part(shared, blockIdx.x, batch, R, x, weight, logits);
}

/**
 * lmHead.logits
 * x [R, 256], weight [2048, 256], logits [R, 2048]
 *
 * For 33 rows and more: tiles of 64 rows and 64 columns on tensor cores.
 */
WS_DEVICE void lm_head_part(char* shared, const int unit, const Batch& batch, const int R, const bf16* __restrict__ x, const bf16* __restrict__ weight, float* __restrict__ logits) {
  using Tile0 = MmaTile<bf16, 64, 64, 32, 32, 5>;
  using Tile = Tile0;
  constexpr int COLUMNS = 2048;
  const int rows = R;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int v = place.column_begin + i;
    return &weight[v * 256L];
  }, place.column_count);
  Tile::prefetch(shared, dot0_right, 256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int r = place.row_begin + i;
    return &x[r * 256L];
  }, place.row_count);
  Tile0::Sums dot0_sums;
  Tile0::multiply(shared, dot0_left, dot0_right, 256, dot0_sums);
  // publish
  Tile::each([&](int i, int c, float dot0) {
    if (i >= place.row_count || c >= place.column_count) return;
    const int r = place.row_begin + i;
    const int v = place.column_begin + c;
    logits[r * 2048L + v] = dot0;
  }, dot0_sums);
}

extern "C" __global__ void __launch_bounds__(128, 1) lm_head(const Batch batch, const int R, const bf16* __restrict__ x, const bf16* __restrict__ weight, float* __restrict__ logits) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  lm_head_part(shared, blockIdx.x, batch, R, x, weight, logits);
}

/**
 * lmHead.logits
 * x [R, 256], weight [2048, 256], logits [R, 2048]
 *
 * For 768 rows and more: tiles of 128 rows and 128 columns on tensor cores.
 */
WS_DEVICE void lm_head_large_part(char* shared, const int unit, const Batch& batch, const int R, const bf16* __restrict__ x, const bf16* __restrict__ weight, float* __restrict__ logits) {
  using Tile0 = MmaTile<bf16, 128, 128, 64, 32, 3>;
  using Tile = Tile0;
  constexpr int COLUMNS = 2048;
  const int rows = R;
  const TilePlace<Tile::rows, Tile::columns> place(unit, rows, COLUMNS);
  // prefetch
  Tile0::ColumnSource dot0_right([&](int i) {
    const int v = place.column_begin + i;
    return &weight[v * 256L];
  }, place.column_count);
  Tile::prefetch(shared, dot0_right, 256);
  wait_for_earlier_kernels();
  // compute
  const Tile0::RowSource dot0_left([&](int i) {
    const int r = place.row_begin + i;
    return &x[r * 256L];
  }, place.row_count);
  Tile0::Sums dot0_sums;
  Tile0::multiply(shared, dot0_left, dot0_right, 256, dot0_sums);
  // publish
  Tile::each([&](int i, int c, float dot0) {
    if (i >= place.row_count || c >= place.column_count) return;
    const int r = place.row_begin + i;
    const int v = place.column_begin + c;
    logits[r * 2048L + v] = dot0;
  }, dot0_sums);
}

extern "C" __global__ void __launch_bounds__(256, 1) lm_head_large(const Batch batch, const int R, const bf16* __restrict__ x, const bf16* __restrict__ weight, float* __restrict__ logits) {
  extern __shared__ __align__(128) char shared[];
  let_later_kernels_start();
  lm_head_large_part(shared, blockIdx.x, batch, R, x, weight, logits);
}

}  // namespace ws
