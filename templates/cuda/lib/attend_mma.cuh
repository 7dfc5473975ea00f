// Softmax-weighted sums on tensor cores for a block of queries that share their keys (FlashAttention-2, Dao, 2023): any score,
// over products of 16-bit rows with a depth that is a multiple of 8, and values that are 16-bit rows.
//
// A warp has WARP_ROWS queries and WARP_KEYS of the keys of a block. Scores, weights and sums stay in its registers, in the
// layout of mma.cuh: lane 4 g + t has of each 16 queries the rows g and g + 8. Warps that share their queries each have a softmax of
// their own, which are joined at the end; so a single query's keys are spread over a whole block.
#pragma once

#include <climits>

#include "async.cuh"
#include "block.cuh"
#include "key_range.cuh"
#include "mma.cuh"
#include "row_tile.cuh"
#include "softmax.cuh"

namespace ws {

template <class T, int QUERIES, int KEYS, int WARP_ROWS, int WARP_KEYS, int WIDTH>
struct AttendMma {
  static constexpr int queries = QUERIES;
  static constexpr int keys = KEYS;
  static constexpr int row_warps = QUERIES / WARP_ROWS;
  static constexpr int key_warps = KEYS / WARP_KEYS;
  static constexpr int warps = row_warps * key_warps;
  static constexpr int threads = warps * Warp::size;
  static constexpr int row_tiles = WARP_ROWS / 16;
  static constexpr int key_tiles = WARP_KEYS / 8;
  static constexpr int columns = (WIDTH + 15) / 16 * 16;
  /** Floats between the rows of sums in shared memory: rows that are written together lie in different banks. */
  static constexpr int pitch = columns + 8;
  static constexpr int folded_bytes = key_warps * QUERIES * (pitch + 2) * 4;
  static_assert(WARP_ROWS % 16 == 0 && WARP_ROWS <= Warp::size, "a lane knows the range of one query");
  static_assert(WARP_KEYS % 16 == 0, "whole matrices");

  template <class E, int DEPTH>
  using QueryRows = RowTile<E, QUERIES, DEPTH, warps>;
  template <class E, int DEPTH>
  using KeyRows = RowTile<E, KEYS, DEPTH, warps>;
  using ValueRows = RowTile<T, KEYS, WIDTH, warps>;

  /** Of one product, then the scores, then the weights of a block of keys. */
  struct Scores {
    float value[row_tiles][key_tiles][4] = {};
  };

  struct Sums {
    float value[row_tiles][columns / 8][4] = {};
    float maximum[row_tiles][2];
    /** Of this lane's keys alone. */
    float sum[row_tiles][2] = {};

    WS_DEVICE Sums() {
#pragma unroll
      for (int m = 0; m < row_tiles; ++m) maximum[m][0] = maximum[m][1] = -INFINITY;
    }
  };

  static WS_DEVICE int warp_row() { return threadIdx.x / Warp::size / key_warps * WARP_ROWS; }
  static WS_DEVICE int warp_key() { return threadIdx.x / Warp::size % key_warps * WARP_KEYS; }
  /** The query of a lane's element: `half` 0 is row g, 1 is g + 8. */
  static WS_DEVICE int row_of(int m, int half) { return warp_row() + m * 16 + half * 8 + threadIdx.x % Warp::size / 4; }

  /** At the beginning of the block's shared memory: the ranges of all queries, and addresses of rows that are copied. */
  static constexpr int head_bytes = QUERIES * int(sizeof(KeyRange)) + threads * int(sizeof(void*));

  const int count;
  const KeyRange* const ranges;
  /** Keys that some query of the warp sees, that all of them see, and that some query of the block sees. */
  KeyRange some;
  KeyRange every;
  KeyRange of_block;

  /** For `count` > 0 queries with the ranges range_of(i). Rows behind them repeat the last query; nobody stores what they give. */
  template <class RangeOf>
  WS_DEVICE AttendMma(char* shared, int count, RangeOf range_of)
      : count(count), ranges(reinterpret_cast<const KeyRange*>(shared)) {
    const Warp warp;
    const int own = warp_row() + warp.rank() % WARP_ROWS;
    KeyRange range = range_of(own < count ? own : count - 1);
    if (range.low >= range.high) range = {INT_MAX, INT_MIN};
    some = {warp.minimum(range.low), warp.maximum(range.high)};
    every = {warp.maximum(range.low), warp.minimum(range.high)};
    // They are read behind the barrier that copies of keys are waited for at.
    if (warp_key() == 0 && warp.rank() < WARP_ROWS) reinterpret_cast<KeyRange*>(shared)[warp_row() + warp.rank()] = range;
    of_block = some;
    if (row_warps > 1) {
      int ends[2] = {-some.low, some.high};
      Block<threads>{shared + head_bytes}.reduce_all(ends, Greater());
      of_block = {-ends[0], ends[1]};
      // The exchange is read before copies may overwrite it.
      __syncthreads();
    }
    if (of_block.low >= of_block.high) of_block = {0, 0};
  }

  /** As Rows::bring. */
  template <class Rows, class RowOf>
  WS_DEVICE void bring(char* to, RowOf row_of, int row_count) const {
    const void** const addresses = reinterpret_cast<const void**>(const_cast<KeyRange*>(ranges) + QUERIES);
    Rows::bring(to, addresses + threadIdx.x / Warp::size * Warp::size, row_of, row_count);
  }

  /** Whether any query of the warp sees any of the warp's keys in the block of keys that begins at `key_begin`. */
  WS_DEVICE bool sees(int key_begin) const {
    const int first = key_begin + warp_key();
    return first < some.high && first + WARP_KEYS > some.low;
  }

  /** Adds the products of the block's queries and keys, both in shared memory. */
  template <class Queries, class Keys>
  static WS_DEVICE void multiply(const char* query_rows, const char* key_rows, Scores& scores) {
    const int lane = Warp().rank();
    const int query = recomputed(Queries::place(warp_row() + lane % 16, lane / 16));
    const int key = recomputed(Keys::place(warp_key() + lane / 16 * 8 + lane % 8, lane / 8 % 2));
#pragma unroll
    for (int k = 0; k < Queries::pieces / 2; ++k) {
      uint32_t a[row_tiles][4];
#pragma unroll
      for (int m = 0; m < row_tiles; ++m)
        load_matrices(a[m], query_rows + Queries::along(query, k) + m * Queries::next_rows);
#pragma unroll
      for (int n = 0; n < key_tiles / 2; ++n) {
        uint32_t b[4];
        load_matrices(b, key_rows + Keys::along(key, k) + n * Keys::next_rows);
#pragma unroll
        for (int m = 0; m < row_tiles; ++m)
#pragma unroll
          for (int half = 0; half < 2; ++half)
            Mma<typename Queries::Element>::multiply(scores.value[m][n * 2 + half], a[m][0], a[m][1], a[m][2], a[m][3],
                                                     b[half * 2], b[half * 2 + 1]);
      }
    }
  }

  /** Products become scores: score_of(i, key, products...), -infinity where query i does not see the key. */
  template <class ScoreOf, class... Others>
  WS_DEVICE void score(int key_begin, ScoreOf score_of, Scores& scores, const Others&... others) const {
    const int first = key_begin + warp_key();
    if (first >= every.low && first + WARP_KEYS <= every.high) score_keys<false>(first, score_of, scores, others...);
    else score_keys<true>(first, score_of, scores, others...);
  }

  template <bool BOUNDED, class ScoreOf, class... Others>
  WS_DEVICE void score_keys(int first, ScoreOf score_of, Scores& scores, const Others&... others) const {
#pragma unroll
    for (int m = 0; m < row_tiles; ++m)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = recomputed(row_of(m, half));
        const int i = row < count ? row : count - 1;
        const KeyRange range = BOUNDED ? ranges[i] : KeyRange{0, 0};
#pragma unroll
        for (int n = 0; n < key_tiles; ++n)
#pragma unroll
          for (int e = half * 2; e < half * 2 + 2; ++e) {
            const int key = first + n * 8 + Quad().rank() * 2 + e % 2;
            float& score = scores.value[m][n][e];
            const bool seen = !BOUNDED || (key >= range.low && key < range.high);
            score = seen ? score_of(i, key, score, others.value[m][n][e]...) : -INFINITY;
          }
      }
  }

  /** Scores become weights relative to the maximum so far; earlier sums are scaled to it. */
  static WS_DEVICE void weigh(Scores& scores, Sums& sums) {
#pragma unroll
    for (int m = 0; m < row_tiles; ++m) {
      float correction[2];
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        float largest = -INFINITY;
#pragma unroll
        for (int n = 0; n < key_tiles; ++n)
          largest = ws_maximum(largest, ws_maximum(scores.value[m][n][half * 2], scores.value[m][n][half * 2 + 1]));
        const float raised = ws_maximum(sums.maximum[m][half], Quad().reduce(largest, Greater()));
        // A query that has seen no key yet has weights of 0, by any finite shift.
        const float shift = raised == -INFINITY ? 0.0f : raised;
        correction[half] = exp2_of_hardware((sums.maximum[m][half] - shift) * LOG2_E);
        sums.maximum[m][half] = raised;
        float added = 0.0f;
#pragma unroll
        for (int n = 0; n < key_tiles; ++n)
#pragma unroll
          for (int e = 0; e < 2; ++e) {
            float& score = scores.value[m][n][half * 2 + e];
            score = exp2_of_hardware(fused(score, LOG2_E, -shift * LOG2_E));
            added += score;
          }
        sums.sum[m][half] = fused(sums.sum[m][half], correction[half], added);
      }
      if (!Warp().any(correction[0] != 1.0f || correction[1] != 1.0f)) continue;
#pragma unroll
      for (int n = 0; n < columns / 8; ++n)
#pragma unroll
        for (int e = 0; e < 4; ++e) sums.value[m][n][e] *= correction[e / 2];
    }
  }

  /**
   * Adds the weighted values. A weight enters as two 16-bit terms, its rounding and what that left: as exact as the sums in f32
   * that the other executions make.
   */
  static WS_DEVICE void accumulate(const char* value_rows, const Scores& weights, Sums& sums) {
    const int lane = Warp().rank();
    // The terms of a weight meet in the same sums: other multiplications stand between them, or the second waits for the first.
    constexpr int at_once = 2;
    const int value = recomputed(ValueRows::place(warp_key() + lane % 16, lane / 16));
#pragma unroll
    for (int k = 0; k < WARP_KEYS / 16; ++k) {
      uint32_t terms[2][row_tiles][4];
#pragma unroll
      for (int m = 0; m < row_tiles; ++m)
#pragma unroll
        for (int part = 0; part < 4; ++part) {
          const float first = weights.value[m][k * 2 + part / 2][part % 2 * 2];
          const float second = weights.value[m][k * 2 + part / 2][part % 2 * 2 + 1];
          const uint32_t rounded = to_pair(first, second, T());
          terms[0][m][part] = rounded;
          terms[1][m][part] = to_pair(first - first_of<T>(rounded), second - second_of<T>(rounded), T());
        }
#pragma unroll
      for (int n = 0; n < columns / 16; n += at_once) {
        uint32_t b[at_once][4];
#pragma unroll
        for (int i = 0; i < at_once; ++i)
          if (n + i < columns / 16)
            load_matrices_transposed(b[i], value_rows + ValueRows::along(value, n + i) + k * ValueRows::next_rows);
#pragma unroll
        for (int term = 0; term < 2; ++term)
#pragma unroll
          for (int i = 0; i < 2 * at_once; ++i)
#pragma unroll
            for (int m = 0; m < row_tiles; ++m)
              if (n * 2 + i < columns / 8)
                Mma<T>::multiply(sums.value[m][n * 2 + i], terms[term][m][0], terms[term][m][1], terms[term][m][2],
                                 terms[term][m][3], b[i / 2][i % 2 * 2], b[i / 2][i % 2 * 2 + 1]);
      }
    }
  }

  /** Brings all sums to shared memory, for `parts_of`. */
  static WS_DEVICE void fold(char* shared, const Sums& sums) {
    float* const maxima = reinterpret_cast<float*>(shared) + threadIdx.x / Warp::size % key_warps * QUERIES;
    float* const totals = maxima + key_warps * QUERIES;
    float* const values =
        reinterpret_cast<float*>(shared) + (2 * key_warps + threadIdx.x / Warp::size % key_warps * pitch) * QUERIES;
    wait_for_copies<0>();
    __syncthreads();
#pragma unroll
    for (int m = 0; m < row_tiles; ++m)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = row_of(m, half);
        const float total = Quad().reduce(sums.sum[m][half], Plus());
        if (Quad().leads()) {
          maxima[row] = sums.maximum[m][half];
          totals[row] = total;
        }
#pragma unroll
        for (int n = 0; n < columns / 8; ++n)
          *reinterpret_cast<float2*>(values + row * pitch + n * 8 + Quad().rank() * 2) =
              make_float2(sums.value[m][n][half * 2], sums.value[m][n][half * 2 + 1]);
      }
    __syncthreads();
  }

  /** Query i as the warps that shared it left it, behind `fold`. */
  static WS_DEVICE SoftmaxParts parts_of(const char* shared, int i) {
    const float* const maxima = reinterpret_cast<const float*>(shared) + i;
    const float* const values = reinterpret_cast<const float*>(shared) + 2 * key_warps * QUERIES + i * pitch;
    return {key_warps, maxima, maxima + key_warps * QUERIES, values, QUERIES, QUERIES * pitch};
  }
};

}  // namespace ws
