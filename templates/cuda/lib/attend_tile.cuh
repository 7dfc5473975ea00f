// Softmax-weighted sums for a block of queries that share their keys, on the CUDA cores: any score, any type, any width.
//
// 256 threads hold 64 x 64 scores of a block of keys in shared memory and the weighted sums in registers: thread t has the rows
// t / 16 * 4 … + 3 and every 16th column from t % 16 on.
#pragma once

#include "block.cuh"
#include "fma_tile.cuh"
#include "key_range.cuh"
#include "softmax.cuh"

namespace ws {

template <int WIDTH>
struct AttendTile {
  static constexpr int queries = 64;
  static constexpr int keys = 64;
  static constexpr int threads = 256;
  static constexpr int pitch = keys + 4;
  /** Keys whose values lie in shared memory at once. */
  static constexpr int value_keys = 16;
  static constexpr int steps = (WIDTH + 15) / 16;
  static constexpr int staging_bytes = FmaTile<float, float>::shared_bytes;
  static constexpr int shared_bytes = staging_bytes + 4 * (queries * pitch + value_keys * WIDTH + 5 * queries);

  struct Sums {
    float value[4][steps] = {};
  };

  /** For the tiles of products. */
  char* const staging;

  explicit WS_DEVICE AttendTile(char* shared) : staging(shared) {}

  WS_DEVICE float* scores() const { return reinterpret_cast<float*>(staging + staging_bytes); }
  WS_DEVICE float* values() const { return scores() + queries * pitch; }
  WS_DEVICE float* maximum() const { return values() + value_keys * WIDTH; }
  WS_DEVICE float* sum() const { return maximum() + queries; }
  WS_DEVICE float* correction() const { return sum() + queries; }
  WS_DEVICE int* low() const { return reinterpret_cast<int*>(correction() + queries); }
  WS_DEVICE int* high() const { return low() + queries; }

  WS_DEVICE float& score(int i, int c) const { return scores()[i * pitch + c]; }
  WS_DEVICE bool sees(int i, int key) const { return key >= low()[i] && key < high()[i]; }

  /** Starts: keeps each query's range and returns the keys that any of them sees. */
  template <class RangeOf>
  WS_DEVICE KeyRange ranges(int count, RangeOf range_of) const {
    if (threadIdx.x < queries) {
      const int i = threadIdx.x;
      const KeyRange range = i < count ? range_of(i) : KeyRange{0, 0};
      low()[i] = range.low;
      high()[i] = range.high;
      maximum()[i] = -INFINITY;
      sum()[i] = 0.0f;
    }
    __syncthreads();
    KeyRange all{INT_MAX, INT_MIN};
    for (int i = 0; i < count; ++i) {
      if (low()[i] >= high()[i]) continue;
      all.low = min(all.low, low()[i]);
      all.high = max(all.high, high()[i]);
    }
    return all;
  }

  /** Scores become weights; earlier sums are scaled to the new maximum. Four threads a query. */
  WS_DEVICE void weigh(Sums& sums) const {
    __syncthreads();
    const int i = threadIdx.x / 4;
    const int part = threadIdx.x % 4;
    SoftmaxState state{maximum()[i], sum()[i]};
    float largest = -INFINITY;
#pragma unroll
    for (int c = 0; c < keys / 4; ++c) largest = ws_maximum(largest, score(i, c * 4 + part));
    largest = ws_maximum(largest, __shfl_xor_sync(0xffffffffu, largest, 1));
    largest = ws_maximum(largest, __shfl_xor_sync(0xffffffffu, largest, 2));
    const float factor = state.raise(largest);
    float added = 0.0f;
#pragma unroll
    for (int c = 0; c < keys / 4; ++c) {
      const float weight = state.weight(score(i, c * 4 + part));
      score(i, c * 4 + part) = weight;
      added += weight;
    }
    added += __shfl_xor_sync(0xffffffffu, added, 1);
    added += __shfl_xor_sync(0xffffffffu, added, 2);
    // All four have read what the first one writes.
    __syncwarp();
    if (part == 0) {
      maximum()[i] = state.maximum;
      sum()[i] = state.sum + added;
      correction()[i] = factor;
    }
    __syncthreads();
#pragma unroll
    for (int row = 0; row < 4; ++row)
#pragma unroll
      for (int step = 0; step < steps; ++step) sums.value[row][step] *= correction()[threadIdx.x / 16 * 4 + row];
  }

  /** Adds the weighted values of `count` keys: value_of(key)(column). */
  template <class ValueOf>
  WS_DEVICE void accumulate(int count, Sums& sums, ValueOf value_of) const {
    const int first = threadIdx.x % 16;
    for (int begin = 0; begin < count; begin += value_keys) {
      const int own = threadIdx.x / 16;
      __syncthreads();
      if (begin + own < count) {
        const auto value = value_of(begin + own);
        for (int c = first; c < WIDTH; c += 16) values()[own * WIDTH + c] = value(c);
      } else {
        for (int c = first; c < WIDTH; c += 16) values()[own * WIDTH + c] = 0.0f;
      }
      __syncthreads();
#pragma unroll 4
      for (int key = 0; key < value_keys; ++key) {
        float weight[4];
#pragma unroll
        for (int row = 0; row < 4; ++row) weight[row] = score(threadIdx.x / 16 * 4 + row, begin + key);
#pragma unroll
        for (int step = 0; step < steps; ++step) {
          if (step * 16 + first >= WIDTH) continue;
          const float value = values()[key * WIDTH + step * 16 + first];
#pragma unroll
          for (int row = 0; row < 4; ++row) sums.value[row][step] = fused(weight[row], value, sums.value[row][step]);
        }
      }
    }
    // Weights and ranges are written anew for the next block of keys.
    __syncthreads();
  }

  /** visit(i, c, weighted mean) for each element of a query that this thread holds; 0 for a query that saw no key. */
  template <class Visit>
  WS_DEVICE void each(int count, const Sums& sums, Visit visit) const {
#pragma unroll
    for (int row = 0; row < 4; ++row) {
      const int i = threadIdx.x / 16 * 4 + row;
      if (i >= count) continue;
      const float all = sum()[i];
#pragma unroll
      for (int step = 0; step < steps; ++step) {
        const int c = step * 16 + threadIdx.x % 16;
        if (c < WIDTH) visit(i, c, all > 0.0f ? sums.value[row][step] / all : 0.0f);
      }
    }
  }
};

}  // namespace ws
