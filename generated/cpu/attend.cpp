#include "kernels.h"

namespace ws {

/**
 * denseAttention.o
 * q [T, 4, 64], k [T, 2, 64], v [T, 2, 64], o [T, 4, 64]
 *
 * Softmax online over blocks of 64 keys, for a block of tokens of one sequence and 2 heads that read the same keys.
 */
void dense_attention(const Batch& batch, Worker& worker, const int T, const bf16* __restrict q, const bf16* __restrict k,
    const bf16* __restrict v, bf16* __restrict o) {
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int QUERIES = 16 * HEADS;
  constexpr int WIDTH = 64;
  constexpr int KEYS = 64;
  int64_t unit;
  while (worker.take(int64_t(batch.token_block_count) * GROUPS, unit)) {
    worker.release();
    const int group = int(unit % GROUPS);
    const TokenBlock tokens = batch.token_blocks[unit / GROUPS];
    const int queries = tokens.count * HEADS;
    float* const sums = worker.scratch<float>(QUERIES * WIDTH);
    float* const scores = worker.scratch<float>(QUERIES * KEYS);
    float* const dot0_tile = worker.scratch<float>(QUERIES * KEYS);
    float row_max[QUERIES], row_sum[QUERIES], correction[QUERIES];
    int low[QUERIES], high[QUERIES];
    const bf16* dot0_left[QUERIES];
    const bf16* dot0_right[KEYS];
    const bf16* value_rows[KEYS];
    int first = INT_MAX, last = INT_MIN;
    for (int i = 0; i < queries; ++i) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
      dot0_left[i] = &q[t * 256L + h * 64L];
      low[i] = batch.seq_start[batch.seq[t]];
      high[i] = t + 1;
      row_max[i] = -INFINITY;
      row_sum[i] = 0.0f;
      if (low[i] >= high[i]) continue;
      first = std::min(first, low[i]);
      last = std::max(last, high[i]);
    }
    std::fill(sums, sums + queries * WIDTH, 0.0f);
    for (int key_begin = first; key_begin < last; key_begin += KEYS) {
      const int count = std::min(KEYS, last - key_begin);
      for (int i = 0; i < count; ++i) {
        const int j = key_begin + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        dot0_right[i] = &k[j * 128L + (h / 2) * 64L];
        value_rows[i] = &v[j * 128L + (h / 2) * 64L];
      }
      dot_tile(dot0_left, queries, dot0_right, count, 64, dot0_tile, KEYS);
      for (int i = 0; i < queries; ++i) {
        const int t = tokens.first + i / HEADS;
        const int h = group * HEADS + i % HEADS;
        const int row_low = low[i], row_high = high[i];
#pragma omp simd
        for (int c = 0; c < count; ++c) {
          const int j = key_begin + c;
          const float dot0 = dot0_tile[i * KEYS + c];
          scores[i * KEYS + c] = (j >= row_low) & (j < row_high) ? 0.125f * dot0 : -INFINITY;
        }
      }
      online_softmax_block(scores, KEYS, queries, count, row_max, row_sum, correction);
      scale_rows(sums, queries, WIDTH, WIDTH, correction);
      accumulate_rows(scores, KEYS, queries, value_rows, count, WIDTH, sums, WIDTH);
    }
    for (int i = 0; i < queries; ++i) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
#pragma omp simd
      for (int c = 0; c < WIDTH; ++c) {
        const float mean = row_sum[i] > 0.0f ? sums[i * WIDTH + c] / row_sum[i] : 0.0f;
        o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
      }
    }
  }
}

/**
 * pagedAttention.o
 * q [T, 4, 64], kv k[2, 64] v[2, 64], o [T, 4, 64]
 *
 * Softmax online over blocks of 64 keys, for a block of tokens of one sequence and 2 heads that read the same keys.
 */
void paged_attention(const Batch& batch, Worker& worker, const int T, const bf16* __restrict q, const bf16* __restrict kv,
    bf16* __restrict o) {
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int QUERIES = 16 * HEADS;
  constexpr int WIDTH = 64;
  constexpr int KEYS = 64;
  int64_t unit;
  while (worker.take(int64_t(batch.token_block_count) * GROUPS, unit)) {
    worker.release();
    const int group = int(unit % GROUPS);
    const TokenBlock tokens = batch.token_blocks[unit / GROUPS];
    const int queries = tokens.count * HEADS;
    float* const sums = worker.scratch<float>(QUERIES * WIDTH);
    float* const scores = worker.scratch<float>(QUERIES * KEYS);
    float* const dot0_tile = worker.scratch<float>(QUERIES * KEYS);
    float row_max[QUERIES], row_sum[QUERIES], correction[QUERIES];
    int low[QUERIES], high[QUERIES];
    const bf16* dot0_left[QUERIES];
    const bf16* dot0_right[KEYS];
    const bf16* value_rows[KEYS];
    int first = INT_MAX, last = INT_MIN;
    for (int i = 0; i < queries; ++i) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
      dot0_left[i] = &q[t * 256L + h * 64L];
      low[i] = 0;
      high[i] = batch.pos[t] + 1;
      row_max[i] = -INFINITY;
      row_sum[i] = 0.0f;
      if (low[i] >= high[i]) continue;
      first = std::min(first, low[i]);
      last = std::max(last, high[i]);
    }
    std::fill(sums, sums + queries * WIDTH, 0.0f);
    for (int key_begin = first; key_begin < last; key_begin += KEYS) {
      const int count = std::min(KEYS, last - key_begin);
      for (int i = 0; i < count; ++i) {
        const int j = key_begin + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        dot0_right[i] = paged_row<256, 0, 64, BLOCK_SIZE>(kv, batch.block<BLOCK_SIZE>(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
        value_rows[i] = paged_row<256, 128, 64, BLOCK_SIZE>(kv, batch.block<BLOCK_SIZE>(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
      }
      dot_tile(dot0_left, queries, dot0_right, count, 64, dot0_tile, KEYS);
      for (int i = 0; i < queries; ++i) {
        const int t = tokens.first + i / HEADS;
        const int h = group * HEADS + i % HEADS;
        const int row_low = low[i], row_high = high[i];
#pragma omp simd
        for (int c = 0; c < count; ++c) {
          const int j = key_begin + c;
          const float dot0 = dot0_tile[i * KEYS + c];
          scores[i * KEYS + c] = (j >= row_low) & (j < row_high) ? 0.125f * dot0 : -INFINITY;
        }
      }
      online_softmax_block(scores, KEYS, queries, count, row_max, row_sum, correction);
      scale_rows(sums, queries, WIDTH, WIDTH, correction);
      accumulate_rows(scores, KEYS, queries, value_rows, count, WIDTH, sums, WIDTH);
    }
    for (int i = 0; i < queries; ++i) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
#pragma omp simd
      for (int c = 0; c < WIDTH; ++c) {
        const float mean = row_sum[i] > 0.0f ? sums[i * WIDTH + c] / row_sum[i] : 0.0f;
        o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
      }
    }
  }
}

}  // namespace ws
