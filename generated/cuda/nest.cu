#include "lib/kernel.cuh"

// Not every expression uses all indices of its place.
#pragma nv_diag_suppress 177

namespace ws {

/** Positions in a block of the paged cache. */
constexpr int BLOCK_SIZE = 64;

/**
 * add.y
 * y [T, 256], x [T, 256], residual [T, 256]
 *
 * A row for a block.
 */
WS_DEVICE void add_compute(const Block<64>& block, char* row_memory, const int t, const Batch& batch, const int T, bf16* __restrict__ y, const bf16* __restrict__ x, const bf16* __restrict__ residual) {
  // add.y
  {
    const int h_begin = 4 * block.rank();
    Vector<bf16, 4> y_piece;
    Vector<bf16, 4> x_piece;
    Vector<bf16, 4> residual_piece;
    x_piece.load(&x[t * 256L] + h_begin);
    residual_piece.load(&residual[t * 256L] + h_begin);
    for (int element = 0; element < 4; ++element) {
      y_piece[element] = from_f32<bf16>(to_f32(x_piece[element]) + to_f32(residual_piece[element]));
    }
    y_piece.store(&y[t * 256L] + h_begin);
  }
}

extern "C" __global__ void __launch_bounds__(64, 1) add(const Batch batch, const int T, bf16* __restrict__ y, const bf16* __restrict__ x, const bf16* __restrict__ residual) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<64> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  add_compute(block, block.shared_by_all(shared + Block<64>::exchange_bytes), block.row(), batch, T, y, x, residual);
  block.leave();
}

/**
 * addRmsNorm.total, addRmsNorm.y
 * total [T, 256], x [T, 256], residual [T, 256], y [T, 256], weight [256]
 *
 * A row for a block.
 */
WS_DEVICE void add_rms_norm_compute(const Block<64>& block, char* row_memory, const int t, const Batch& batch, const int T, bf16* __restrict__ total, const bf16* __restrict__ x, const bf16* __restrict__ residual, bf16* __restrict__ y, const bf16* __restrict__ weight) {
  // addRmsNorm.total
  Vector<bf16, 4> x_piece;
  Vector<bf16, 4> residual_piece;
  {
    const int h_begin = 4 * block.rank();
    Vector<bf16, 4> total_piece;
    x_piece.load(&x[t * 256L] + h_begin);
    residual_piece.load(&residual[t * 256L] + h_begin);
    for (int element = 0; element < 4; ++element) {
      total_piece[element] = from_f32<bf16>(to_f32(x_piece[element]) + to_f32(residual_piece[element]));
    }
    total_piece.store(&total[t * 256L] + h_begin);
  }
  // addRmsNorm.y
  float sum = 0.0f;
  {
    const int i_begin = 4 * block.rank();
    for (int element = 0; element < 4; ++element) {
      const float term = to_f32(x_piece[element]) + to_f32(residual_piece[element]);
      sum += term * term;
    }
  }
  sum = block.sum(sum);
  const float factor = ws_rsqrt(sum / 256.0f + 0.000001f);
  {
    const int h_begin = 4 * block.rank();
    Vector<bf16, 4> y_piece;
    Vector<bf16, 4> weight_piece;
    weight_piece.load(&weight[0] + h_begin);
    for (int element = 0; element < 4; ++element) {
      y_piece[element] = from_f32<bf16>((to_f32(x_piece[element]) + to_f32(residual_piece[element])) * factor * to_f32(weight_piece[element]));
    }
    y_piece.store(&y[t * 256L] + h_begin);
  }
}

extern "C" __global__ void __launch_bounds__(64, 1) add_rms_norm(const Batch batch, const int T, bf16* __restrict__ total, const bf16* __restrict__ x, const bf16* __restrict__ residual, bf16* __restrict__ y, const bf16* __restrict__ weight) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<64> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  add_rms_norm_compute(block, block.shared_by_all(shared + Block<64>::exchange_bytes), block.row(), batch, T, total, x, residual, y, weight);
  block.leave();
}

/**
 * applyTemperature.y
 * x [R, 2048], y [R, 2048], temperature [R]
 *
 * A row for a block.
 */
WS_DEVICE void apply_temperature_compute(const Block<256>& block, char* row_memory, const int r, const Batch& batch, const int R, const float* __restrict__ x, float* __restrict__ y, const float* __restrict__ temperature) {
  // applyTemperature.y
  float largest = -INFINITY;
  Vector<float, 8> x_piece;
  {
    const int i_begin = 8 * block.rank();
    x_piece.load(&x[r * 2048L] + i_begin);
    for (int element = 0; element < 8; ++element) {
      largest = ws_maximum(largest, x_piece[element]);
    }
  }
  largest = block.maximum(largest);
  {
    const int v_begin = 8 * block.rank();
    Vector<float, 8> y_piece;
    for (int element = 0; element < 8; ++element) {
      y_piece[element] = (x_piece[element] - largest) / (temperature[r] > 0.0f ? temperature[r] : 1.0f);
    }
    y_piece.store(&y[r * 2048L] + v_begin);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) apply_temperature(const Batch batch, const int R, const float* __restrict__ x, float* __restrict__ y, const float* __restrict__ temperature) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  apply_temperature_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, R, x, y, temperature);
  block.leave();
}

/**
 * countTokens.outputCounts
 * use_penalties [R], state_row [R], token [R], output_counts [S, 2048]
 *
 * A row for a warp.
 */
WS_DEVICE void count_tokens_compute(const Warp& warp, char* row_memory, const int r, const Batch& batch, const int R, const int32_t* __restrict__ use_penalties, const int32_t* __restrict__ state_row, const int32_t* __restrict__ token, int32_t* __restrict__ output_counts) {
  // countTokens.outputCounts
  const int slot = use_penalties[r] != 0 ? state_row[r] : -1;
  const int slot2 = token[r];
  if (slot >= 0 && slot2 >= 0) {
    if (warp.leads()) output_counts[slot * 2048L + slot2] = use_penalties[r] != 0 ? output_counts[state_row[r] * 2048L + token[r]] + 1 : 0;
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) count_tokens(const Batch batch, const int R, const int32_t* __restrict__ use_penalties, const int32_t* __restrict__ state_row, const int32_t* __restrict__ token, int32_t* __restrict__ output_counts) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const int unit = blockIdx.x * 4 + threadIdx.x / Warp::size;
  char* const row_memory = shared + threadIdx.x / Warp::size * 0;
  wait_for_earlier_kernels();
  if (unit < R) count_tokens_compute(Warp(), row_memory, unit, batch, R, use_penalties, state_row, token, output_counts);
}

/**
 * embedding.y
 * y [T, 256], table [2048, 256], ids [T]
 *
 * A row for a block.
 */
WS_DEVICE void embedding_compute(const Block<64>& block, char* row_memory, const int t, const Batch& batch, const int T, bf16* __restrict__ y, const bf16* __restrict__ table, const int32_t* __restrict__ ids) {
  // embedding.y
  {
    const int h_begin = 4 * block.rank();
    Vector<bf16, 4> y_piece;
    Vector<bf16, 4> table_piece;
    table_piece.load(&table[ids[t] * 256L] + h_begin);
    for (int element = 0; element < 4; ++element) {
      y_piece[element] = table_piece[element];
    }
    y_piece.store(&y[t * 256L] + h_begin);
  }
}

extern "C" __global__ void __launch_bounds__(64, 1) embedding(const Batch batch, const int T, bf16* __restrict__ y, const bf16* __restrict__ table, const int32_t* __restrict__ ids) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<64> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  embedding_compute(block, block.shared_by_all(shared + Block<64>::exchange_bytes), block.row(), batch, T, y, table, ids);
  block.leave();
}

/**
 * geluTanhMul.y
 * x [T, 1280], y [T, 640]
 *
 * A row for a block.
 */
WS_DEVICE void gelu_tanh_mul_compute(const Block<128>& block, char* row_memory, const int t, const Batch& batch, const int T, const bf16* __restrict__ x, bf16* __restrict__ y) {
  // geluTanhMul.y
  const float factor = ws_sqrt(0.6366197723675814f);
  if (const int h_begin = 8 * block.rank(); h_begin < 640) {
    Vector<bf16, 8> x_piece;
    Vector<bf16, 8> y_piece;
    Vector<bf16, 8> x_piece2;
    x_piece.load(&x[t * 1280L] + h_begin);
    x_piece2.load(&x[t * 1280L] + h_begin + 640);
    for (int element = 0; element < 8; ++element) {
      const float in = to_f32(x_piece[element]);
      y_piece[element] = from_f32<bf16>(0.5f * in * (1.0f + ws_tanh(factor * (in + 0.044715f * in * in * in))) * to_f32(x_piece2[element]));
    }
    y_piece.store(&y[t * 640L] + h_begin);
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) gelu_tanh_mul(const Batch batch, const int T, const bf16* __restrict__ x, bf16* __restrict__ y) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<128> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  gelu_tanh_mul_compute(block, block.shared_by_all(shared + Block<128>::exchange_bytes), block.row(), batch, T, x, y);
  block.leave();
}

/**
 * headNorm.y
 * x [T, 4, 64], y [T, 4, 64], weight [64]
 *
 * A row for a block.
 */
WS_DEVICE void head_norm_compute(const Block<128>& block, char* row_memory, const int t, const Batch& batch, const int T, const bf16* __restrict__ x, bf16* __restrict__ y, const bf16* __restrict__ weight) {
  const Warp warp;
  // headNorm.y
  for (int h = block.warp(); h < 4; h += block.warps) {
    float sum = 0.0f;
    Vector<bf16, 2> x_piece;
    {
      const int i_begin = 2 * warp.rank();
      x_piece.load(&x[t * 256L + h * 64L] + i_begin);
      for (int element = 0; element < 2; ++element) {
        const float in = to_f32(x_piece[element]);
        sum += in * in;
      }
    }
    sum = warp.sum(sum);
    const float factor = ws_rsqrt(sum / 64.0f + 0.000001f);
    {
      const int d_begin = 2 * warp.rank();
      Vector<bf16, 2> y_piece;
      Vector<bf16, 2> weight_piece;
      weight_piece.load(&weight[0] + d_begin);
      for (int element = 0; element < 2; ++element) {
        y_piece[element] = from_f32<bf16>(to_f32(x_piece[element]) * factor * to_f32(weight_piece[element]));
      }
      y_piece.store(&y[t * 256L + h * 64L] + d_begin);
    }
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) head_norm(const Batch batch, const int T, const bf16* __restrict__ x, bf16* __restrict__ y, const bf16* __restrict__ weight) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<128> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  head_norm_compute(block, block.shared_by_all(shared + Block<128>::exchange_bytes), block.row(), batch, T, x, y, weight);
  block.leave();
}

/**
 * keepTokens.lastTokens
 * kept_row [R], last_tokens [S], token [R]
 *
 * A row for a warp.
 */
WS_DEVICE void keep_tokens_compute(const Warp& warp, char* row_memory, const int r, const Batch& batch, const int R, const int32_t* __restrict__ kept_row, int32_t* __restrict__ last_tokens, const int32_t* __restrict__ token) {
  // keepTokens.lastTokens
  const int slot = kept_row[r];
  if (slot >= 0) {
    if (warp.leads()) last_tokens[slot] = token[r];
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) keep_tokens(const Batch batch, const int R, const int32_t* __restrict__ kept_row, int32_t* __restrict__ last_tokens, const int32_t* __restrict__ token) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const int unit = blockIdx.x * 4 + threadIdx.x / Warp::size;
  char* const row_memory = shared + threadIdx.x / Warp::size * 0;
  wait_for_earlier_kernels();
  if (unit < R) keep_tokens_compute(Warp(), row_memory, unit, batch, R, kept_row, last_tokens, token);
}

/**
 * knownTokens.ids
 * step_tokens [T], last_tokens [S], ids [T]
 *
 * A row for a warp.
 */
WS_DEVICE void known_tokens_compute(const Warp& warp, char* row_memory, const int t, const Batch& batch, const int T, const int32_t* __restrict__ step_tokens, const int32_t* __restrict__ last_tokens, int32_t* __restrict__ ids) {
  // knownTokens.ids
  if (warp.leads()) ids[t] = step_tokens[t] < 0 ? last_tokens[-1 - step_tokens[t]] : step_tokens[t];
}

extern "C" __global__ void __launch_bounds__(128, 1) known_tokens(const Batch batch, const int T, const int32_t* __restrict__ step_tokens, const int32_t* __restrict__ last_tokens, int32_t* __restrict__ ids) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const int unit = blockIdx.x * 4 + threadIdx.x / Warp::size;
  char* const row_memory = shared + threadIdx.x / Warp::size * 0;
  wait_for_earlier_kernels();
  if (unit < T) known_tokens_compute(Warp(), row_memory, unit, batch, T, step_tokens, last_tokens, ids);
}

/**
 * logSumExp.y
 * x [R, 2048], y [R]
 *
 * A row for a block.
 */
WS_DEVICE void log_sum_exp_compute(const Block<256>& block, char* row_memory, const int r, const Batch& batch, const int R, const float* __restrict__ x, float* __restrict__ y) {
  // logSumExp.y
  float largest = -INFINITY;
  Vector<float, 8> x_piece;
  {
    const int v_begin = 8 * block.rank();
    x_piece.load(&x[r * 2048L] + v_begin);
    for (int element = 0; element < 8; ++element) {
      largest = ws_maximum(largest, x_piece[element]);
    }
  }
  largest = block.maximum(largest);
  float sum = 0.0f;
  {
    const int v_begin = 8 * block.rank();
    for (int element = 0; element < 8; ++element) {
      sum += ws_exp(x_piece[element] - largest);
    }
  }
  sum = block.sum(sum);
  if (block.leads()) y[r] = largest + ws_log(sum);
}

extern "C" __global__ void __launch_bounds__(256, 1) log_sum_exp(const Batch batch, const int R, const float* __restrict__ x, float* __restrict__ y) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  log_sum_exp_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, R, x, y);
  block.leave();
}

/**
 * minP.y
 * p [R], x [R, 2048], y [R, 2048]
 *
 * A row for a block.
 */
WS_DEVICE void min_p_compute(const Block<256>& block, char* row_memory, const int r, const Batch& batch, const int R, const float* __restrict__ p, const float* __restrict__ x, float* __restrict__ y) {
  // minP.y
  float largest = -INFINITY;
  if (p[r] > 0.0f) {
    Vector<float, 8> x_piece;
    {
      const int i_begin = 8 * block.rank();
      x_piece.load(&x[r * 2048L] + i_begin);
      for (int element = 0; element < 8; ++element) {
        largest = ws_maximum(largest, x_piece[element]);
      }
    }
    largest = block.maximum(largest);
  }
  const float factor = p[r] > 0.0f ? largest + ws_log(p[r]) : -INFINITY;
  Vector<float, 8> x_piece2;
  {
    const int v_begin = 8 * block.rank();
    Vector<float, 8> y_piece;
    x_piece2.load(&x[r * 2048L] + v_begin);
    for (int element = 0; element < 8; ++element) {
      y_piece[element] = x_piece2[element] >= factor ? x_piece2[element] : -INFINITY;
    }
    y_piece.store(&y[r * 2048L] + v_begin);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) min_p(const Batch batch, const int R, const float* __restrict__ p, const float* __restrict__ x, float* __restrict__ y) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  min_p_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, R, p, x, y);
  block.leave();
}

/**
 * penalize.y
 * y [R, 2048], use_penalties [R], output_counts [S, 2048], state_row [R], prompt_seen [S, 2048], logits [R,
 * 2048], logit_bias [S, 2048], repetition [R], presence [R], frequency [R]
 *
 * A row for a block.
 */
WS_DEVICE void penalize_compute(const Block<256>& block, char* row_memory, const int r, const Batch& batch, const int R, float* __restrict__ y, const int32_t* __restrict__ use_penalties, const int32_t* __restrict__ output_counts, const int32_t* __restrict__ state_row, const int32_t* __restrict__ prompt_seen, const float* __restrict__ logits, const float* __restrict__ logit_bias, const float* __restrict__ repetition, const float* __restrict__ presence, const float* __restrict__ frequency) {
  // penalize.y
  {
    const int v_begin = 8 * block.rank();
    Vector<float, 8> y_piece;
    for (int element = 0; element < 8; ++element) {
      const int v = v_begin + element;
      y_piece[element] = use_penalties[r] != 0 ? (output_counts[state_row[r] * 2048L + v] > 0 || prompt_seen[state_row[r] * 2048L + v] > 0 ? (logits[r * 2048L + v] + logit_bias[state_row[r] * 2048L + v] > 0.0f ? (logits[r * 2048L + v] + logit_bias[state_row[r] * 2048L + v]) / repetition[r] : (logits[r * 2048L + v] + logit_bias[state_row[r] * 2048L + v]) * repetition[r]) : logits[r * 2048L + v] + logit_bias[state_row[r] * 2048L + v]) - (output_counts[state_row[r] * 2048L + v] > 0 ? presence[r] : 0.0f) - frequency[r] * float(output_counts[state_row[r] * 2048L + v]) : logits[r * 2048L + v];
    }
    y_piece.store(&y[r * 2048L] + v_begin);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) penalize(const Batch batch, const int R, float* __restrict__ y, const int32_t* __restrict__ use_penalties, const int32_t* __restrict__ output_counts, const int32_t* __restrict__ state_row, const int32_t* __restrict__ prompt_seen, const float* __restrict__ logits, const float* __restrict__ logit_bias, const float* __restrict__ repetition, const float* __restrict__ presence, const float* __restrict__ frequency) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  penalize_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, R, y, use_penalties, output_counts, state_row, prompt_seen, logits, logit_bias, repetition, presence, frequency);
  block.leave();
}

/**
 * rmsNorm.y
 * x [T, 256], y [T, 256], weight [256]
 *
 * A row for a block.
 */
WS_DEVICE void rms_norm_compute(const Block<64>& block, char* row_memory, const int t, const Batch& batch, const int T, const bf16* __restrict__ x, bf16* __restrict__ y, const bf16* __restrict__ weight) {
  // rmsNorm.y
  float sum = 0.0f;
  Vector<bf16, 4> x_piece;
  {
    const int i_begin = 4 * block.rank();
    x_piece.load(&x[t * 256L] + i_begin);
    for (int element = 0; element < 4; ++element) {
      const float in = to_f32(x_piece[element]);
      sum += in * in;
    }
  }
  sum = block.sum(sum);
  const float factor = ws_rsqrt(sum / 256.0f + 0.000001f);
  {
    const int h_begin = 4 * block.rank();
    Vector<bf16, 4> y_piece;
    Vector<bf16, 4> weight_piece;
    weight_piece.load(&weight[0] + h_begin);
    for (int element = 0; element < 4; ++element) {
      y_piece[element] = from_f32<bf16>(to_f32(x_piece[element]) * factor * to_f32(weight_piece[element]));
    }
    y_piece.store(&y[t * 256L] + h_begin);
  }
}

extern "C" __global__ void __launch_bounds__(64, 1) rms_norm(const Batch batch, const int T, const bf16* __restrict__ x, bf16* __restrict__ y, const bf16* __restrict__ weight) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<64> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  rms_norm_compute(block, block.shared_by_all(shared + Block<64>::exchange_bytes), block.row(), batch, T, x, y, weight);
  block.leave();
}

/**
 * rope.y
 * x [T, 4, 64], cosine [T, 32], sine [T, 32], y [T, 4, 64]
 *
 * A row for a block.
 */
WS_DEVICE void rope_compute(const Block<128>& block, char* row_memory, const int t, const Batch& batch, const int T, const bf16* __restrict__ x, const float* __restrict__ cosine, const float* __restrict__ sine, bf16* __restrict__ y) {
  const Warp warp;
  // rope.y
  for (int h = block.warp(); h < 4; h += block.warps) {
    for (int d = warp.rank(); d < 32; d += warp.size) {
      y[t * 256L + h * 64L + d] = from_f32<bf16>(to_f32(x[t * 256L + h * 64L + d]) * cosine[t * 32L + d] - to_f32(x[t * 256L + h * 64L + d + 32]) * sine[t * 32L + d]);
    }
    warp.sync();
    for (int d = 32 + warp.rank(); d < 64; d += warp.size) {
      y[t * 256L + h * 64L + d] = from_f32<bf16>(to_f32(x[t * 256L + h * 64L + d]) * cosine[t * 32L + d - 32] + to_f32(x[t * 256L + h * 64L + d - 32]) * sine[t * 32L + d - 32]);
    }
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) rope(const Batch batch, const int T, const bf16* __restrict__ x, const float* __restrict__ cosine, const float* __restrict__ sine, bf16* __restrict__ y) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<128> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  rope_compute(block, block.shared_by_all(shared + Block<128>::exchange_bytes), block.row(), batch, T, x, cosine, sine, y);
  block.leave();
}

/**
 * ropeTable.cosine, ropeTable.sine
 * inverse_frequency [32], cosine [T, 32], sine [T, 32]
 *
 * A row for a warp.
 */
WS_DEVICE void rope_table_compute(const Warp& warp, char* row_memory, const int t, const Batch& batch, const int T, const float* __restrict__ inverse_frequency, float* __restrict__ cosine, float* __restrict__ sine) {
  // ropeTable.cosine
  for (int f = warp.rank(); f < 32; f += warp.size) {
    cosine[t * 32L + f] = ws_cos(float(batch.pos[t]) * inverse_frequency[f]);
  }
  // ropeTable.sine
  for (int f = warp.rank(); f < 32; f += warp.size) {
    sine[t * 32L + f] = ws_sin(float(batch.pos[t]) * inverse_frequency[f]);
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) rope_table(const Batch batch, const int T, const float* __restrict__ inverse_frequency, float* __restrict__ cosine, float* __restrict__ sine) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const int unit = blockIdx.x * 4 + threadIdx.x / Warp::size;
  char* const row_memory = shared + threadIdx.x / Warp::size * 0;
  wait_for_earlier_kernels();
  if (unit < T) rope_table_compute(Warp(), row_memory, unit, batch, T, inverse_frequency, cosine, sine);
}

/**
 * sample.token
 * temperature [R], x [R, 2048], seed [R], position [R], token [R]
 *
 * A row for a block.
 */
WS_DEVICE void sample_compute(const Block<256>& block, char* row_memory, const int r, const Batch& batch, const int R, const float* __restrict__ temperature, const float* __restrict__ x, const int32_t* __restrict__ seed, const int32_t* __restrict__ position, int32_t* __restrict__ token) {
  // sample.token
  int best = 0;
  float* const best_row = reinterpret_cast<float*>(row_memory + 0);
  {
    const int v_begin = 8 * block.rank();
    Vector<float, 8> best_row_piece;
    for (int element = 0; element < 8; ++element) {
      const int v = v_begin + element;
      best_row_piece[element] = temperature[r] > 0.0f ? x[r * 2048L + v] + ws_gumbel(seed[r], position[r], v) : x[r * 2048L + v];
    }
    best_row_piece.store(best_row + v_begin);
  }
  block.sync();
  best = argmax(block, best_row, 2048);
  if (block.leads()) token[r] = best;
}

extern "C" __global__ void __launch_bounds__(256, 1) sample(const Batch batch, const int R, const float* __restrict__ temperature, const float* __restrict__ x, const int32_t* __restrict__ seed, const int32_t* __restrict__ position, int32_t* __restrict__ token) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  sample_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, R, temperature, x, seed, position, token);
  block.leave();
}

/**
 * selectRows.y
 * y [R, 256], x [T, 256], rows [R]
 *
 * A row for a block.
 */
WS_DEVICE void select_rows_compute(const Block<64>& block, char* row_memory, const int r, const Batch& batch, const int R, bf16* __restrict__ y, const bf16* __restrict__ x, const int32_t* __restrict__ rows) {
  // selectRows.y
  {
    const int h_begin = 4 * block.rank();
    Vector<bf16, 4> y_piece;
    Vector<bf16, 4> x_piece;
    x_piece.load(&x[rows[r] * 256L] + h_begin);
    for (int element = 0; element < 4; ++element) {
      y_piece[element] = x_piece[element];
    }
    y_piece.store(&y[r * 256L] + h_begin);
  }
}

extern "C" __global__ void __launch_bounds__(64, 1) select_rows(const Batch batch, const int R, bf16* __restrict__ y, const bf16* __restrict__ x, const int32_t* __restrict__ rows) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<64> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  select_rows_compute(block, block.shared_by_all(shared + Block<64>::exchange_bytes), block.row(), batch, R, y, x, rows);
  block.leave();
}

/**
 * siluMul.y
 * x [T, 1280], y [T, 640]
 *
 * A row for a block.
 */
WS_DEVICE void silu_mul_compute(const Block<128>& block, char* row_memory, const int t, const Batch& batch, const int T, const bf16* __restrict__ x, bf16* __restrict__ y) {
  // siluMul.y
  if (const int h_begin = 8 * block.rank(); h_begin < 640) {
    Vector<bf16, 8> x_piece;
    Vector<bf16, 8> y_piece;
    Vector<bf16, 8> x_piece2;
    x_piece.load(&x[t * 1280L] + h_begin);
    x_piece2.load(&x[t * 1280L] + h_begin + 640);
    for (int element = 0; element < 8; ++element) {
      const float in = to_f32(x_piece[element]);
      y_piece[element] = from_f32<bf16>(in / (1.0f + ws_exp(-in)) * to_f32(x_piece2[element]));
    }
    y_piece.store(&y[t * 640L] + h_begin);
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) silu_mul(const Batch batch, const int T, const bf16* __restrict__ x, bf16* __restrict__ y) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<128> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  silu_mul_compute(block, block.shared_by_all(shared + Block<128>::exchange_bytes), block.row(), batch, T, x, y);
  block.leave();
}

/**
 * splitHeads.q, splitHeads.k, splitHeads.v
 * q [T, 4, 64], qkv [T, 8, 64], k [T, 2, 64], v [T, 2, 64]
 *
 * A row for a block.
 */
WS_DEVICE void split_heads_compute(const Block<256>& block, char* row_memory, const int t, const Batch& batch, const int T, bf16* __restrict__ q, const bf16* __restrict__ qkv, bf16* __restrict__ k, bf16* __restrict__ v) {
  const Warp warp;
  // splitHeads.q
  for (int h = block.warp(); h < 4; h += block.warps) {
    {
      const int d_begin = 2 * warp.rank();
      Vector<bf16, 2> q_piece;
      Vector<bf16, 2> qkv_piece;
      qkv_piece.load(&qkv[t * 512L + h * 64L] + d_begin);
      for (int element = 0; element < 2; ++element) {
        q_piece[element] = qkv_piece[element];
      }
      q_piece.store(&q[t * 256L + h * 64L] + d_begin);
    }
  }
  // splitHeads.k
  for (int h = block.warp_from(4); h < 2; h += block.warps) {
    {
      const int d_begin = 2 * warp.rank();
      Vector<bf16, 2> k_piece;
      Vector<bf16, 2> qkv_piece2;
      qkv_piece2.load(&qkv[t * 512L + (4 + h) * 64L] + d_begin);
      for (int element = 0; element < 2; ++element) {
        k_piece[element] = qkv_piece2[element];
      }
      k_piece.store(&k[t * 128L + h * 64L] + d_begin);
    }
    // splitHeads.v
    {
      const int d_begin = 2 * warp.rank();
      Vector<bf16, 2> v_piece;
      Vector<bf16, 2> qkv_piece3;
      qkv_piece3.load(&qkv[t * 512L + (6 + h) * 64L] + d_begin);
      for (int element = 0; element < 2; ++element) {
        v_piece[element] = qkv_piece3[element];
      }
      v_piece.store(&v[t * 128L + h * 64L] + d_begin);
    }
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) split_heads(const Batch batch, const int T, bf16* __restrict__ q, const bf16* __restrict__ qkv, bf16* __restrict__ k, bf16* __restrict__ v) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  split_heads_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, T, q, qkv, k, v);
  block.leave();
}

/**
 * storeKv.kv
 * kv k[2, 64] v[2, 64], k [T, 2, 64], v [T, 2, 64]
 *
 * A row for a block.
 */
WS_DEVICE void store_kv_compute(const Block<64>& block, char* row_memory, const int t, const Batch& batch, const int T, bf16* __restrict__ kv, const bf16* __restrict__ k, const bf16* __restrict__ v) {
  const Warp warp;
  // storeKv.kv
  const int slot = batch.slot[t];
  if (slot >= 0) {
    for (int h = block.warp(); h < 2; h += block.warps) {
      {
        const int d_begin = 2 * warp.rank();
        Vector<bf16, 2> kv_piece;
        Vector<bf16, 2> k_piece;
        k_piece.load(&k[t * 128L + h * 64L] + d_begin);
        for (int element = 0; element < 2; ++element) {
          kv_piece[element] = k_piece[element];
        }
        kv_piece.store(paged_row<256, 0, 64, BLOCK_SIZE>(kv, slot / BLOCK_SIZE, h, slot % BLOCK_SIZE) + d_begin);
      }
      {
        const int d_begin = 2 * warp.rank();
        Vector<bf16, 2> kv_piece2;
        Vector<bf16, 2> v_piece;
        v_piece.load(&v[t * 128L + h * 64L] + d_begin);
        for (int element = 0; element < 2; ++element) {
          kv_piece2[element] = v_piece[element];
        }
        kv_piece2.store(paged_row<256, 128, 64, BLOCK_SIZE>(kv, slot / BLOCK_SIZE, h, slot % BLOCK_SIZE) + d_begin);
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(64, 1) store_kv(const Batch batch, const int T, bf16* __restrict__ kv, const bf16* __restrict__ k, const bf16* __restrict__ v) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<64> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  store_kv_compute(block, block.shared_by_all(shared + Block<64>::exchange_bytes), block.row(), batch, T, kv, k, v);
  block.leave();
}

/**
 * tokenLogprob.logprob
 * logits [R, 2048], targets [R], token [R], normalizer [R], logprob [R]
 *
 * A row for a warp.
 */
WS_DEVICE void token_logprob_compute(const Warp& warp, char* row_memory, const int r, const Batch& batch, const int R, const float* __restrict__ logits, const int32_t* __restrict__ targets, const int32_t* __restrict__ token, const float* __restrict__ normalizer, float* __restrict__ logprob) {
  // tokenLogprob.logprob
  if (warp.leads()) logprob[r] = logits[r * 2048L + (targets[r] >= 0 ? targets[r] : token[r])] - normalizer[r];
}

extern "C" __global__ void __launch_bounds__(128, 1) token_logprob(const Batch batch, const int R, const float* __restrict__ logits, const int32_t* __restrict__ targets, const int32_t* __restrict__ token, const float* __restrict__ normalizer, float* __restrict__ logprob) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const int unit = blockIdx.x * 4 + threadIdx.x / Warp::size;
  char* const row_memory = shared + threadIdx.x / Warp::size * 0;
  wait_for_earlier_kernels();
  if (unit < R) token_logprob_compute(Warp(), row_memory, unit, batch, R, logits, targets, token, normalizer, logprob);
}

/**
 * topK.y
 * k [R], x [R, 2048], y [R, 2048]
 *
 * A row for a block.
 */
WS_DEVICE void top_k_compute(const Block<256>& block, char* row_memory, const int r, const Batch& batch, const int R, const int32_t* __restrict__ k, const float* __restrict__ x, float* __restrict__ y) {
  // topK.y
  float kth = 0.0f;
  if (k[r] > 0 && k[r] < 2048) {
    kth = kth_largest(block, &x[r * 2048L], 2048, k[r]);
  }
  {
    const int v_begin = 8 * block.rank();
    Vector<float, 8> y_piece;
    Vector<float, 8> x_piece;
    x_piece.load(&x[r * 2048L] + v_begin);
    for (int element = 0; element < 8; ++element) {
      y_piece[element] = x_piece[element] >= (k[r] > 0 && k[r] < 2048 ? kth : -INFINITY) ? x_piece[element] : -INFINITY;
    }
    y_piece.store(&y[r * 2048L] + v_begin);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) top_k(const Batch batch, const int R, const int32_t* __restrict__ k, const float* __restrict__ x, float* __restrict__ y) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  top_k_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, R, k, x, y);
  block.leave();
}

/**
 * topLogprobs.logprobs
 * logits [R, 2048], ids [R, 20], normalizer [R], logprobs [R, 20]
 *
 * A row for a warp.
 */
WS_DEVICE void top_logprobs_compute(const Warp& warp, char* row_memory, const int r, const Batch& batch, const int R, const float* __restrict__ logits, const int32_t* __restrict__ ids, const float* __restrict__ normalizer, float* __restrict__ logprobs) {
  // topLogprobs.logprobs
  for (int n = warp.rank(); n < 20; n += warp.size) {
    logprobs[r * 20L + n] = logits[r * 2048L + ids[r * 20L + n]] - normalizer[r];
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) top_logprobs(const Batch batch, const int R, const float* __restrict__ logits, const int32_t* __restrict__ ids, const float* __restrict__ normalizer, float* __restrict__ logprobs) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const int unit = blockIdx.x * 4 + threadIdx.x / Warp::size;
  char* const row_memory = shared + threadIdx.x / Warp::size * 0;
  wait_for_earlier_kernels();
  if (unit < R) top_logprobs_compute(Warp(), row_memory, unit, batch, R, logits, ids, normalizer, logprobs);
}

/**
 * topP.y
 * p [R], x [R, 2048], y [R, 2048]
 *
 * A row for a block.
 */
WS_DEVICE void top_p_compute(const Block<256>& block, char* row_memory, const int r, const Batch& batch, const int R, const float* __restrict__ p, const float* __restrict__ x, float* __restrict__ y) {
  // topP.y
  float threshold = 0.0f;
  if (p[r] < 1.0f) {
    threshold = mass_threshold(block, &x[r * 2048L], 2048, p[r]);
  }
  {
    const int v_begin = 8 * block.rank();
    Vector<float, 8> y_piece;
    Vector<float, 8> x_piece;
    x_piece.load(&x[r * 2048L] + v_begin);
    for (int element = 0; element < 8; ++element) {
      y_piece[element] = x_piece[element] >= (p[r] < 1.0f ? threshold : -INFINITY) ? x_piece[element] : -INFINITY;
    }
    y_piece.store(&y[r * 2048L] + v_begin);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) top_p(const Batch batch, const int R, const float* __restrict__ p, const float* __restrict__ x, float* __restrict__ y) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  top_p_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, R, p, x, y);
  block.leave();
}

/**
 * topTokens.ids
 * logits [R, 2048], ids [R, 20]
 *
 * A row for a block.
 */
WS_DEVICE void top_tokens_compute(const Block<256>& block, char* row_memory, const int r, const Batch& batch, const int R, const float* __restrict__ logits, int32_t* __restrict__ ids) {
  // topTokens.ids
  int32_t* const top = reinterpret_cast<int32_t*>(row_memory + 0);
  top_n(block, &logits[r * 2048L], 2048, 20, top);
  block.sync();
  for (int n = block.rank(); n < 20; n += block.size) {
    ids[r * 20L + n] = top[n];
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) top_tokens(const Batch batch, const int R, const float* __restrict__ logits, int32_t* __restrict__ ids) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<256> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  top_tokens_compute(block, block.shared_by_all(shared + Block<256>::exchange_bytes), block.row(), batch, R, logits, ids);
  block.leave();
}

/**
 * vocabEmbedding.y
 * y [T, 256], ids [T], table [1024, 256]
 *
 * A row for a block.
 */
WS_DEVICE void vocab_embedding_compute(const Block<64>& block, char* row_memory, const int t, const Batch& batch, const int T, bf16* __restrict__ y, const int32_t* __restrict__ ids, const bf16* __restrict__ table) {
  // vocabEmbedding.y
  {
    const int h_begin = 4 * block.rank();
    Vector<bf16, 4> y_piece;
    for (int element = 0; element < 4; ++element) {
      const int h = h_begin + element;
      y_piece[element] = from_f32<bf16>(ids[t] - 1024 >= 0 && ids[t] - 1024 < 1024 ? to_f32(table[(ids[t] - 1024) * 256L + h]) : 0.0f);
    }
    y_piece.store(&y[t * 256L] + h_begin);
  }
}

extern "C" __global__ void __launch_bounds__(64, 1) vocab_embedding(const Batch batch, const int T, bf16* __restrict__ y, const int32_t* __restrict__ ids, const bf16* __restrict__ table) {
  extern __shared__ __align__(16) char shared[];
  let_later_kernels_start();
  const Block<64> block{shared};
  block.enter();
  wait_for_earlier_kernels();
  vocab_embedding_compute(block, block.shared_by_all(shared + Block<64>::exchange_bytes), block.row(), batch, T, y, ids, table);
  block.leave();
}

}  // namespace ws
