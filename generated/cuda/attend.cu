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
 * For tokens that their sequence has alone. Softmax online over blocks of 64 keys, for one token and 2 heads.
 */
WS_DEVICE void dense_attention_lone_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ k, const bf16* __restrict__ v, bf16* __restrict__ o, void* __restrict__ workspace) {
  using Tile = AttendMma<bf16, 16, 64, 16, 16, 64>;
  using Queries0 = Tile::QueryRows<bf16, 64>;
  using Keys0 = Tile::KeyRows<bf16, 64>;
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 1;
  constexpr int WIDTH = 64;
  constexpr int STAGES = 2;
  constexpr int STAGE_BYTES = 16384;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int parts = batch.key_parts(batch.lone_token_count * 2, 3);
  const int place = unit / parts;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.token_blocks[place / GROUPS];
  if (tokens.count <= 0) return;
  const int queries = tokens.count * HEADS;
  // compute
  const Tile tile(shared, queries, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return KeyRange{batch.seq_start[batch.seq[t]], t + 1};
  });
  const KeyRange keys = tile.of_block.cut(unit % parts, parts, Tile::keys);
  const AttendPart<TOKENS * HEADS, WIDTH> part(workspace, unit);
  if (parts > 1 && keys.low >= keys.high) {
    part.store_nothing();
    return;
  }
  tile.bring<Queries0>(shared + 1152, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return &q[t * 256L + h * 64L];
  }, queries);
  Tile::Sums sums;
  const int blocks = (keys.high - keys.low + Tile::keys - 1) / Tile::keys;
  // Copies are STAGES - 1 blocks of keys ahead of the products.
  for (int ahead = 0; ahead < blocks + STAGES - 1; ++ahead) {
    if (ahead >= STAGES - 1) {
      wait_for_copies<STAGES - 2>();
      // All copies of this block have landed, and every warp is done with the one whose stage is filled next.
      __syncthreads();
    }
    const int arriving = keys.low + ahead * Tile::keys;
    if (ahead < blocks) {
      char* const stage = shared + 3200 + ahead % STAGES * STAGE_BYTES;
      const int arriving_count = min(Tile::keys, keys.high - arriving);
      tile.bring<Keys0>(stage + 0, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return &k[j * 128L + (h / 2) * 64L];
      }, arriving_count);
      tile.bring<Tile::ValueRows>(stage + 8192, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return &v[j * 128L + (h / 2) * 64L];
      }, arriving_count);
    }
    commit_copies();
    const int key_begin = arriving - (STAGES - 1) * Tile::keys;
    if (ahead < STAGES - 1 || !tile.sees(key_begin)) continue;
    const char* const landed = shared + 3200 + (ahead + 1) % STAGES * STAGE_BYTES;
    Tile::Scores dot0_sums;
    Tile::multiply<Queries0, Keys0>(shared + 1152, landed + 0, dot0_sums);
    tile.score(key_begin, [&](int i, int j, float dot0) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
      return 0.125f * dot0;
    }, dot0_sums);
    Tile::weigh(dot0_sums, sums);
    Tile::accumulate(landed + 8192, dot0_sums, sums);
  }
  // publish
  Tile::fold(shared, sums);
  if (parts > 1) {
    part.store(queries, [&](int i) { return Tile::parts_of(shared, i); });
    return;
  }
  for (int element = threadIdx.x; element < queries * WIDTH; element += Tile::threads) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    const float mean = Tile::parts_of(shared, i).mean(c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(128, 3) dense_attention_lone(const Batch batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ k, const bf16* __restrict__ v, bf16* __restrict__ o, void* __restrict__ workspace) {
  extern __shared__ __align__(128) char shared[];
  dense_attention_lone_part(shared, blockIdx.x, batch, T, q, k, v, o, workspace);
}

/**
 * denseAttention.o
 * o [T, 4, 64]
 *
 * Joins the parts that keys were cut into, for 2 queries of a block.
 */
WS_DEVICE void dense_attention_lone_join_part(char* shared, const int unit, const Batch& batch, const int T, bf16* __restrict__ o, void* __restrict__ workspace) {
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 1;
  constexpr int WIDTH = 64;
  constexpr int ROWS = 2;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int parts = batch.key_parts(batch.lone_token_count * 2, 3);
  const int place = unit / 1;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.token_blocks[place / GROUPS];
  const int begin = unit % 1 * ROWS;
  const int queries = min(ROWS, tokens.count * HEADS - begin);
  if (queries <= 0) return;
  // compute
  const AttendPart<TOKENS * HEADS, WIDTH> first(workspace, place * parts);
  const JoinedParts<TOKENS * HEADS, WIDTH, ROWS> joined(shared, first, parts, begin, queries);
  // publish
  for (int element = threadIdx.x; element < queries * WIDTH; element += 256) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + (begin + i) / HEADS;
    const int h = group * HEADS + (begin + i) % HEADS;
    const float mean = joined.mean(i, c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) dense_attention_lone_join(const Batch batch, const int T, bf16* __restrict__ o, void* __restrict__ workspace) {
  extern __shared__ __align__(128) char shared[];
  dense_attention_lone_join_part(shared, blockIdx.x, batch, T, o, workspace);
}

/**
 * denseAttention.o
 * q [T, 4, 64], k [T, 2, 64], v [T, 2, 64], o [T, 4, 64]
 *
 * For several tokens that share their keys. Softmax online over blocks of 64 keys, for up to 32 tokens of a sequence and 2 heads.
 */
WS_DEVICE void dense_attention_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ k, const bf16* __restrict__ v, bf16* __restrict__ o, void* __restrict__ workspace) {
  using Tile = AttendMma<bf16, 64, 64, 16, 64, 64>;
  using Queries0 = Tile::QueryRows<bf16, 64>;
  using Keys0 = Tile::KeyRows<bf16, 64>;
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 32;
  constexpr int WIDTH = 64;
  constexpr int STAGES = 2;
  constexpr int STAGE_BYTES = 16384;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int parts = batch.key_parts(batch.piece_count(32) * 2, 2);
  const int place = unit / parts;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.piece(place / GROUPS, TOKENS);
  if (tokens.count <= 0) return;
  const int queries = tokens.count * HEADS;
  // compute
  const Tile tile(shared, queries, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return KeyRange{batch.seq_start[batch.seq[t]], t + 1};
  });
  const KeyRange keys = tile.of_block.cut(unit % parts, parts, Tile::keys);
  const AttendPart<TOKENS * HEADS, WIDTH> part(workspace, unit);
  if (parts > 1 && keys.low >= keys.high) {
    part.store_nothing();
    return;
  }
  tile.bring<Queries0>(shared + 1536, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return &q[t * 256L + h * 64L];
  }, queries);
  Tile::Sums sums;
  const int blocks = (keys.high - keys.low + Tile::keys - 1) / Tile::keys;
  // Copies are STAGES - 1 blocks of keys ahead of the products.
  for (int ahead = 0; ahead < blocks + STAGES - 1; ++ahead) {
    if (ahead >= STAGES - 1) {
      wait_for_copies<STAGES - 2>();
      // All copies of this block have landed, and every warp is done with the one whose stage is filled next.
      __syncthreads();
    }
    const int arriving = keys.low + ahead * Tile::keys;
    if (ahead < blocks) {
      char* const stage = shared + 9728 + ahead % STAGES * STAGE_BYTES;
      const int arriving_count = min(Tile::keys, keys.high - arriving);
      tile.bring<Keys0>(stage + 0, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return &k[j * 128L + (h / 2) * 64L];
      }, arriving_count);
      tile.bring<Tile::ValueRows>(stage + 8192, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return &v[j * 128L + (h / 2) * 64L];
      }, arriving_count);
    }
    commit_copies();
    const int key_begin = arriving - (STAGES - 1) * Tile::keys;
    if (ahead < STAGES - 1 || !tile.sees(key_begin)) continue;
    const char* const landed = shared + 9728 + (ahead + 1) % STAGES * STAGE_BYTES;
    Tile::Scores dot0_sums;
    Tile::multiply<Queries0, Keys0>(shared + 1536, landed + 0, dot0_sums);
    tile.score(key_begin, [&](int i, int j, float dot0) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
      return 0.125f * dot0;
    }, dot0_sums);
    Tile::weigh(dot0_sums, sums);
    Tile::accumulate(landed + 8192, dot0_sums, sums);
  }
  // publish
  Tile::fold(shared, sums);
  if (parts > 1) {
    part.store(queries, [&](int i) { return Tile::parts_of(shared, i); });
    return;
  }
  for (int element = threadIdx.x; element < queries * WIDTH; element += Tile::threads) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    const float mean = Tile::parts_of(shared, i).mean(c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(128, 2) dense_attention(const Batch batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ k, const bf16* __restrict__ v, bf16* __restrict__ o, void* __restrict__ workspace) {
  extern __shared__ __align__(128) char shared[];
  dense_attention_part(shared, blockIdx.x, batch, T, q, k, v, o, workspace);
}

/**
 * denseAttention.o
 * o [T, 4, 64]
 *
 * Joins the parts that keys were cut into, for 8 queries of a block.
 */
WS_DEVICE void dense_attention_join_part(char* shared, const int unit, const Batch& batch, const int T, bf16* __restrict__ o, void* __restrict__ workspace) {
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 32;
  constexpr int WIDTH = 64;
  constexpr int ROWS = 8;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int parts = batch.key_parts(batch.piece_count(32) * 2, 2);
  const int place = unit / 8;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.piece(place / GROUPS, TOKENS);
  const int begin = unit % 8 * ROWS;
  const int queries = min(ROWS, tokens.count * HEADS - begin);
  if (queries <= 0) return;
  // compute
  const AttendPart<TOKENS * HEADS, WIDTH> first(workspace, place * parts);
  const JoinedParts<TOKENS * HEADS, WIDTH, ROWS> joined(shared, first, parts, begin, queries);
  // publish
  for (int element = threadIdx.x; element < queries * WIDTH; element += 256) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + (begin + i) / HEADS;
    const int h = group * HEADS + (begin + i) % HEADS;
    const float mean = joined.mean(i, c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) dense_attention_join(const Batch batch, const int T, bf16* __restrict__ o, void* __restrict__ workspace) {
  extern __shared__ __align__(128) char shared[];
  dense_attention_join_part(shared, blockIdx.x, batch, T, o, workspace);
}

/**
 * denseAttention.o
 * q [T, 4, 64], k [T, 2, 64], v [T, 2, 64], o [T, 4, 64]
 *
 * For many blocks of tokens that share their keys. Softmax online over blocks of 32 keys, for up to 64 tokens of a sequence and 2 heads.
 */
WS_DEVICE void dense_attention_large_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ k, const bf16* __restrict__ v, bf16* __restrict__ o) {
  using Tile = AttendMma<bf16, 128, 32, 32, 32, 64>;
  using Queries0 = Tile::QueryRows<bf16, 64>;
  using Keys0 = Tile::KeyRows<bf16, 64>;
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 64;
  constexpr int WIDTH = 64;
  constexpr int STAGES = 2;
  constexpr int STAGE_BYTES = 8192;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int place = unit;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.piece(unit / GROUPS, TOKENS);
  if (tokens.count <= 0) return;
  const int queries = tokens.count * HEADS;
  // compute
  const Tile tile(shared, queries, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return KeyRange{batch.seq_start[batch.seq[t]], t + 1};
  });
  const KeyRange keys = tile.of_block;
  tile.bring<Queries0>(shared + 2048, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return &q[t * 256L + h * 64L];
  }, queries);
  Tile::Sums sums;
  const int blocks = (keys.high - keys.low + Tile::keys - 1) / Tile::keys;
  // Copies are STAGES - 1 blocks of keys ahead of the products.
  for (int ahead = 0; ahead < blocks + STAGES - 1; ++ahead) {
    if (ahead >= STAGES - 1) {
      wait_for_copies<STAGES - 2>();
      // All copies of this block have landed, and every warp is done with the one whose stage is filled next.
      __syncthreads();
    }
    const int arriving = keys.low + ahead * Tile::keys;
    if (ahead < blocks) {
      char* const stage = shared + 18432 + ahead % STAGES * STAGE_BYTES;
      const int arriving_count = min(Tile::keys, keys.high - arriving);
      tile.bring<Keys0>(stage + 0, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return &k[j * 128L + (h / 2) * 64L];
      }, arriving_count);
      tile.bring<Tile::ValueRows>(stage + 4096, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return &v[j * 128L + (h / 2) * 64L];
      }, arriving_count);
    }
    commit_copies();
    const int key_begin = arriving - (STAGES - 1) * Tile::keys;
    if (ahead < STAGES - 1 || !tile.sees(key_begin)) continue;
    const char* const landed = shared + 18432 + (ahead + 1) % STAGES * STAGE_BYTES;
    Tile::Scores dot0_sums;
    Tile::multiply<Queries0, Keys0>(shared + 2048, landed + 0, dot0_sums);
    tile.score(key_begin, [&](int i, int j, float dot0) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
      return 0.125f * dot0;
    }, dot0_sums);
    Tile::weigh(dot0_sums, sums);
    Tile::accumulate(landed + 4096, dot0_sums, sums);
  }
  // publish
  Tile::fold(shared, sums);
  for (int element = threadIdx.x; element < queries * WIDTH; element += Tile::threads) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    const float mean = Tile::parts_of(shared, i).mean(c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(128, 2) dense_attention_large(const Batch batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ k, const bf16* __restrict__ v, bf16* __restrict__ o) {
  extern __shared__ __align__(128) char shared[];
  dense_attention_large_part(shared, blockIdx.x, batch, T, q, k, v, o);
}

/**
 * pagedAttention.o
 * q [T, 4, 64], kv k[2, 64] v[2, 64], o [T, 4, 64]
 *
 * For tokens that their sequence has alone. Softmax online over blocks of 64 keys, for one token and 2 heads.
 */
WS_DEVICE void paged_attention_lone_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ kv, bf16* __restrict__ o, void* __restrict__ workspace) {
  using Tile = AttendMma<bf16, 16, 64, 16, 16, 64>;
  using Queries0 = Tile::QueryRows<bf16, 64>;
  using Keys0 = Tile::KeyRows<bf16, 64>;
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 1;
  constexpr int WIDTH = 64;
  constexpr int STAGES = 2;
  constexpr int STAGE_BYTES = 16384;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int parts = batch.key_parts(batch.lone_token_count * 2, 3);
  const int place = unit / parts;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.token_blocks[place / GROUPS];
  if (tokens.count <= 0) return;
  const int queries = tokens.count * HEADS;
  // compute
  const Tile tile(shared, queries, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return KeyRange{0, batch.pos[t] + 1};
  });
  const KeyRange keys = tile.of_block.cut(unit % parts, parts, Tile::keys);
  const AttendPart<TOKENS * HEADS, WIDTH> part(workspace, unit);
  if (parts > 1 && keys.low >= keys.high) {
    part.store_nothing();
    return;
  }
  tile.bring<Queries0>(shared + 1152, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return &q[t * 256L + h * 64L];
  }, queries);
  Tile::Sums sums;
  const int blocks = (keys.high - keys.low + Tile::keys - 1) / Tile::keys;
  // Copies are STAGES - 1 blocks of keys ahead of the products.
  for (int ahead = 0; ahead < blocks + STAGES - 1; ++ahead) {
    if (ahead >= STAGES - 1) {
      wait_for_copies<STAGES - 2>();
      // All copies of this block have landed, and every warp is done with the one whose stage is filled next.
      __syncthreads();
    }
    const int arriving = keys.low + ahead * Tile::keys;
    if (ahead < blocks) {
      char* const stage = shared + 3200 + ahead % STAGES * STAGE_BYTES;
      const int arriving_count = min(Tile::keys, keys.high - arriving);
      tile.bring<Keys0>(stage + 0, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return paged_row<256, 0, 64, BLOCK_SIZE>(kv, batch.block<BLOCK_SIZE>(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
      }, arriving_count);
      tile.bring<Tile::ValueRows>(stage + 8192, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return paged_row<256, 128, 64, BLOCK_SIZE>(kv, batch.block<BLOCK_SIZE>(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
      }, arriving_count);
    }
    commit_copies();
    const int key_begin = arriving - (STAGES - 1) * Tile::keys;
    if (ahead < STAGES - 1 || !tile.sees(key_begin)) continue;
    const char* const landed = shared + 3200 + (ahead + 1) % STAGES * STAGE_BYTES;
    Tile::Scores dot0_sums;
    Tile::multiply<Queries0, Keys0>(shared + 1152, landed + 0, dot0_sums);
    tile.score(key_begin, [&](int i, int j, float dot0) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
      return 0.125f * dot0;
    }, dot0_sums);
    Tile::weigh(dot0_sums, sums);
    Tile::accumulate(landed + 8192, dot0_sums, sums);
  }
  // publish
  Tile::fold(shared, sums);
  if (parts > 1) {
    part.store(queries, [&](int i) { return Tile::parts_of(shared, i); });
    return;
  }
  for (int element = threadIdx.x; element < queries * WIDTH; element += Tile::threads) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    const float mean = Tile::parts_of(shared, i).mean(c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(128, 3) paged_attention_lone(const Batch batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ kv, bf16* __restrict__ o, void* __restrict__ workspace) {
  extern __shared__ __align__(128) char shared[];
  paged_attention_lone_part(shared, blockIdx.x, batch, T, q, kv, o, workspace);
}

/**
 * pagedAttention.o
 * o [T, 4, 64]
 *
 * Joins the parts that keys were cut into, for 2 queries of a block.
 */
WS_DEVICE void paged_attention_lone_join_part(char* shared, const int unit, const Batch& batch, const int T, bf16* __restrict__ o, void* __restrict__ workspace) {
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 1;
  constexpr int WIDTH = 64;
  constexpr int ROWS = 2;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int parts = batch.key_parts(batch.lone_token_count * 2, 3);
  const int place = unit / 1;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.token_blocks[place / GROUPS];
  const int begin = unit % 1 * ROWS;
  const int queries = min(ROWS, tokens.count * HEADS - begin);
  if (queries <= 0) return;
  // compute
  const AttendPart<TOKENS * HEADS, WIDTH> first(workspace, place * parts);
  const JoinedParts<TOKENS * HEADS, WIDTH, ROWS> joined(shared, first, parts, begin, queries);
  // publish
  for (int element = threadIdx.x; element < queries * WIDTH; element += 256) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + (begin + i) / HEADS;
    const int h = group * HEADS + (begin + i) % HEADS;
    const float mean = joined.mean(i, c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) paged_attention_lone_join(const Batch batch, const int T, bf16* __restrict__ o, void* __restrict__ workspace) {
  extern __shared__ __align__(128) char shared[];
  paged_attention_lone_join_part(shared, blockIdx.x, batch, T, o, workspace);
}

/**
 * pagedAttention.o
 * q [T, 4, 64], kv k[2, 64] v[2, 64], o [T, 4, 64]
 *
 * For several tokens that share their keys. Softmax online over blocks of 64 keys, for up to 32 tokens of a sequence and 2 heads.
 */
WS_DEVICE void paged_attention_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ kv, bf16* __restrict__ o, void* __restrict__ workspace) {
  using Tile = AttendMma<bf16, 64, 64, 16, 64, 64>;
  using Queries0 = Tile::QueryRows<bf16, 64>;
  using Keys0 = Tile::KeyRows<bf16, 64>;
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 32;
  constexpr int WIDTH = 64;
  constexpr int STAGES = 2;
  constexpr int STAGE_BYTES = 16384;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int parts = batch.key_parts(batch.piece_count(32) * 2, 2);
  const int place = unit / parts;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.piece(place / GROUPS, TOKENS);
  if (tokens.count <= 0) return;
  const int queries = tokens.count * HEADS;
  // compute
  const Tile tile(shared, queries, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return KeyRange{0, batch.pos[t] + 1};
  });
  const KeyRange keys = tile.of_block.cut(unit % parts, parts, Tile::keys);
  const AttendPart<TOKENS * HEADS, WIDTH> part(workspace, unit);
  if (parts > 1 && keys.low >= keys.high) {
    part.store_nothing();
    return;
  }
  tile.bring<Queries0>(shared + 1536, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return &q[t * 256L + h * 64L];
  }, queries);
  Tile::Sums sums;
  const int blocks = (keys.high - keys.low + Tile::keys - 1) / Tile::keys;
  // Copies are STAGES - 1 blocks of keys ahead of the products.
  for (int ahead = 0; ahead < blocks + STAGES - 1; ++ahead) {
    if (ahead >= STAGES - 1) {
      wait_for_copies<STAGES - 2>();
      // All copies of this block have landed, and every warp is done with the one whose stage is filled next.
      __syncthreads();
    }
    const int arriving = keys.low + ahead * Tile::keys;
    if (ahead < blocks) {
      char* const stage = shared + 9728 + ahead % STAGES * STAGE_BYTES;
      const int arriving_count = min(Tile::keys, keys.high - arriving);
      tile.bring<Keys0>(stage + 0, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return paged_row<256, 0, 64, BLOCK_SIZE>(kv, batch.block<BLOCK_SIZE>(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
      }, arriving_count);
      tile.bring<Tile::ValueRows>(stage + 8192, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return paged_row<256, 128, 64, BLOCK_SIZE>(kv, batch.block<BLOCK_SIZE>(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
      }, arriving_count);
    }
    commit_copies();
    const int key_begin = arriving - (STAGES - 1) * Tile::keys;
    if (ahead < STAGES - 1 || !tile.sees(key_begin)) continue;
    const char* const landed = shared + 9728 + (ahead + 1) % STAGES * STAGE_BYTES;
    Tile::Scores dot0_sums;
    Tile::multiply<Queries0, Keys0>(shared + 1536, landed + 0, dot0_sums);
    tile.score(key_begin, [&](int i, int j, float dot0) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
      return 0.125f * dot0;
    }, dot0_sums);
    Tile::weigh(dot0_sums, sums);
    Tile::accumulate(landed + 8192, dot0_sums, sums);
  }
  // publish
  Tile::fold(shared, sums);
  if (parts > 1) {
    part.store(queries, [&](int i) { return Tile::parts_of(shared, i); });
    return;
  }
  for (int element = threadIdx.x; element < queries * WIDTH; element += Tile::threads) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    const float mean = Tile::parts_of(shared, i).mean(c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(128, 2) paged_attention(const Batch batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ kv, bf16* __restrict__ o, void* __restrict__ workspace) {
  extern __shared__ __align__(128) char shared[];
  paged_attention_part(shared, blockIdx.x, batch, T, q, kv, o, workspace);
}

/**
 * pagedAttention.o
 * o [T, 4, 64]
 *
 * Joins the parts that keys were cut into, for 8 queries of a block.
 */
WS_DEVICE void paged_attention_join_part(char* shared, const int unit, const Batch& batch, const int T, bf16* __restrict__ o, void* __restrict__ workspace) {
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 32;
  constexpr int WIDTH = 64;
  constexpr int ROWS = 8;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int parts = batch.key_parts(batch.piece_count(32) * 2, 2);
  const int place = unit / 8;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.piece(place / GROUPS, TOKENS);
  const int begin = unit % 8 * ROWS;
  const int queries = min(ROWS, tokens.count * HEADS - begin);
  if (queries <= 0) return;
  // compute
  const AttendPart<TOKENS * HEADS, WIDTH> first(workspace, place * parts);
  const JoinedParts<TOKENS * HEADS, WIDTH, ROWS> joined(shared, first, parts, begin, queries);
  // publish
  for (int element = threadIdx.x; element < queries * WIDTH; element += 256) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + (begin + i) / HEADS;
    const int h = group * HEADS + (begin + i) % HEADS;
    const float mean = joined.mean(i, c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) paged_attention_join(const Batch batch, const int T, bf16* __restrict__ o, void* __restrict__ workspace) {
  extern __shared__ __align__(128) char shared[];
  paged_attention_join_part(shared, blockIdx.x, batch, T, o, workspace);
}

/**
 * pagedAttention.o
 * q [T, 4, 64], kv k[2, 64] v[2, 64], o [T, 4, 64]
 *
 * For many blocks of tokens that share their keys. Softmax online over blocks of 32 keys, for up to 64 tokens of a sequence and 2 heads.
 */
WS_DEVICE void paged_attention_large_part(char* shared, const int unit, const Batch& batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ kv, bf16* __restrict__ o) {
  using Tile = AttendMma<bf16, 128, 32, 32, 32, 64>;
  using Queries0 = Tile::QueryRows<bf16, 64>;
  using Keys0 = Tile::KeyRows<bf16, 64>;
  constexpr int HEADS = 2;
  constexpr int GROUPS = 2;
  constexpr int TOKENS = 64;
  constexpr int WIDTH = 64;
  constexpr int STAGES = 2;
  constexpr int STAGE_BYTES = 8192;
  let_later_kernels_start();
  wait_for_earlier_kernels();
  const int place = unit;
  const int group = place % GROUPS;
  const TokenBlock tokens = batch.piece(unit / GROUPS, TOKENS);
  if (tokens.count <= 0) return;
  const int queries = tokens.count * HEADS;
  // compute
  const Tile tile(shared, queries, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return KeyRange{0, batch.pos[t] + 1};
  });
  const KeyRange keys = tile.of_block;
  tile.bring<Queries0>(shared + 2048, [&](int i) {
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    return &q[t * 256L + h * 64L];
  }, queries);
  Tile::Sums sums;
  const int blocks = (keys.high - keys.low + Tile::keys - 1) / Tile::keys;
  // Copies are STAGES - 1 blocks of keys ahead of the products.
  for (int ahead = 0; ahead < blocks + STAGES - 1; ++ahead) {
    if (ahead >= STAGES - 1) {
      wait_for_copies<STAGES - 2>();
      // All copies of this block have landed, and every warp is done with the one whose stage is filled next.
      __syncthreads();
    }
    const int arriving = keys.low + ahead * Tile::keys;
    if (ahead < blocks) {
      char* const stage = shared + 18432 + ahead % STAGES * STAGE_BYTES;
      const int arriving_count = min(Tile::keys, keys.high - arriving);
      tile.bring<Keys0>(stage + 0, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return paged_row<256, 0, 64, BLOCK_SIZE>(kv, batch.block<BLOCK_SIZE>(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
      }, arriving_count);
      tile.bring<Tile::ValueRows>(stage + 4096, [&](int i) {
        const int j = arriving + i;
        const int t = tokens.first;
        const int h = group * HEADS;
        return paged_row<256, 128, 64, BLOCK_SIZE>(kv, batch.block<BLOCK_SIZE>(batch.seq[t], j), h / 2, j % BLOCK_SIZE);
      }, arriving_count);
    }
    commit_copies();
    const int key_begin = arriving - (STAGES - 1) * Tile::keys;
    if (ahead < STAGES - 1 || !tile.sees(key_begin)) continue;
    const char* const landed = shared + 18432 + (ahead + 1) % STAGES * STAGE_BYTES;
    Tile::Scores dot0_sums;
    Tile::multiply<Queries0, Keys0>(shared + 2048, landed + 0, dot0_sums);
    tile.score(key_begin, [&](int i, int j, float dot0) {
      const int t = tokens.first + i / HEADS;
      const int h = group * HEADS + i % HEADS;
      return 0.125f * dot0;
    }, dot0_sums);
    Tile::weigh(dot0_sums, sums);
    Tile::accumulate(landed + 4096, dot0_sums, sums);
  }
  // publish
  Tile::fold(shared, sums);
  for (int element = threadIdx.x; element < queries * WIDTH; element += Tile::threads) {
    const int i = element / WIDTH;
    const int c = element % WIDTH;
    const int t = tokens.first + i / HEADS;
    const int h = group * HEADS + i % HEADS;
    const float mean = Tile::parts_of(shared, i).mean(c);
    o[t * 256L + h * 64L + c] = from_f32<bf16>(mean);
  }
}

extern "C" __global__ void __launch_bounds__(128, 2) paged_attention_large(const Batch batch, const int T, const bf16* __restrict__ q, const bf16* __restrict__ kv, bf16* __restrict__ o) {
  extern __shared__ __align__(128) char shared[];
  paged_attention_large_part(shared, blockIdx.x, batch, T, q, kv, o);
}

}  // namespace ws
