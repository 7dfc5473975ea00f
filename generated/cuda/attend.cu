#include "lib/kernel.cuh"

// Not every expression uses all indices of its place.
#pragma nv_diag_suppress 177

namespace ws {

/** Positions in a block of the paged cache. */
constexpr int BLOCK_SIZE = 64;

/**
 * denseAttention.o
 * q [T, 4, 64], k [T, 2, 64], v [T, 2, 64], o [T, 4, 64]
 *
 * Softmax online over blocks of 64 keys, for a block of up to 16 tokens of a sequence and 2 heads.
 */
WS_DEVICE void dense_attention_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ k, const bf16* __restrict__ v, bf16* __restrict__ o) {
  using Tile0 = FmaTile<bf16, bf16>;
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 16;
  constexpr int WIDTH = 64;
  using Tile = AttendTile<WIDTH>;
  wait_for_earlier_kernels();
  const int group = unit % GROUPS;
  const TokenBlock whole = batch.token_blocks[unit / GROUPS];
  const TokenBlock tokens = whole;
  if (tokens.count <= 0) return;
  const int queries = tokens.count * HEADS;
  const Tile tile(shared);
  // compute
  const KeyRange keys = tile.ranges(queries, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return KeyRange{batch.seq_start[batch.seq[t]], t + 1};
  });
  const Tile0::RowSource dot0_left([&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return &q[t * 256L + h * 64L];
  }, queries);
  Tile::Sums sums;
  for (int key_begin = keys.low; key_begin < keys.high; key_begin += Tile::keys) {
    const int key_count = min(Tile::keys, keys.high - key_begin);
    Tile0::Sums dot0_sums;
    {
      const Tile0::ColumnSource dot0_right([&](int i) {
        const int j = key_begin + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return &k[j * 128L + (h / 2) * 64L];
      }, key_count);
      Tile0::multiply(tile.staging, dot0_left, dot0_right, 64, dot0_sums);
    }
    Tile0::each([&](int i, int c, float dot0) {
      const int j = key_begin + c;
      float score = -INFINITY;
      if (i < queries && c < key_count && tile.sees(i, j)) {
        const int t = tokens.first + i / HEADS;
        const int h = group * HEADS + i % HEADS;
        score = 0.125f * dot0;
      }
      tile.score(i, c) = score;
    }, dot0_sums);
    tile.weigh(sums);
    tile.accumulate(key_count, sums, [&](int i) {
      const int j = key_begin + i;
      const int t = tokens.first;
      const int h = group * HEADS;
      return [values = &v[j * 128L + (h / 2) * 64L]](int c) { return to_f32(values[c]); };
    });
  }
  // publish
  let_later_kernels_start();
  tile.each(queries, sums, [&](int i, int c, float mean) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  });
}

extern "C" __global__ void __launch_bounds__(256, 1) dense_attention(const Batch batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ k, const bf16* __restrict__ v, bf16* __restrict__ o) {
  extern __shared__ __align__(128) char shared[];
  dense_attention_part(shared, blockIdx.x, batch, T, q, k, v, o);
}

/**
 * pagedAttention.o
 * q [T, 4, 64], kv k[2, 64] v[2, 64], o [T, 4, 64]
 *
 * Softmax online over blocks of 64 keys, for a block of up to 16 tokens of a sequence and 2 heads.
 */
WS_DEVICE void paged_attention_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ kv, bf16* __restrict__ o) {
  using Tile0 = FmaTile<bf16, bf16>;
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 16;
  constexpr int WIDTH = 64;
  using Tile = AttendTile<WIDTH>;
  wait_for_earlier_kernels();
  const int group = unit % GROUPS;
  const TokenBlock whole = batch.token_blocks[unit / GROUPS];
  const TokenBlock tokens = whole;
  if (tokens.count <= 0) return;
  const int queries = tokens.count * HEADS;
  const Tile tile(shared);
  // compute
  const KeyRange keys = tile.ranges(queries, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return KeyRange{0, batch.pos[t] + 1};
  });
  const Tile0::RowSource dot0_left([&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return &q[t * 256L + h * 64L];
  }, queries);
  Tile::Sums sums;
  for (int key_begin = keys.low; key_begin < keys.high; key_begin += Tile::keys) {
    const int key_count = min(Tile::keys, keys.high - key_begin);
    Tile0::Sums dot0_sums;
    {
      const Tile0::ColumnSource dot0_right([&](int i) {
        const int j = key_begin + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return paged_row<256, 0, 64, BLOCK_SIZE>(kv, batch.block(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
      }, key_count);
      Tile0::multiply(tile.staging, dot0_left, dot0_right, 64, dot0_sums);
    }
    Tile0::each([&](int i, int c, float dot0) {
      const int j = key_begin + c;
      float score = -INFINITY;
      if (i < queries && c < key_count && tile.sees(i, j)) {
        const int t = tokens.first + i / HEADS;
        const int h = group * HEADS + i % HEADS;
        score = 0.125f * dot0;
      }
      tile.score(i, c) = score;
    }, dot0_sums);
    tile.weigh(sums);
    tile.accumulate(key_count, sums, [&](int i) {
      const int j = key_begin + i;
      const int t = tokens.first;
      const int h = group * HEADS;
      return [values = paged_row<256, 128, 64, BLOCK_SIZE>(kv, batch.block(batch.seq[t], j), h / 2, j % BLOCK_SIZE)](int c) { return to_f32(values[c]); };
    });
  }
  // publish
  let_later_kernels_start();
  tile.each(queries, sums, [&](int i, int c, float mean) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  });
}

extern "C" __global__ void __launch_bounds__(256, 1) paged_attention(const Batch batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ kv, bf16* __restrict__ o) {
  extern __shared__ __align__(128) char shared[];
  paged_attention_part(shared, blockIdx.x, batch, T, q, kv, o);
}

}  // namespace ws
