// The ragged batch of a step: which sequence and position each token has, and where the pages of a sequence lie.
#pragma once

#include <cstdint>

#include "checked.h"
#include "types.h"

namespace ws {

/** Tokens of one sequence that an attend takes together, at most. */
inline constexpr int TOKEN_BLOCK = 16;

struct TokenBlock {
  int32_t first;
  int32_t count;
};

struct Batch {
  int tokens = 0;
  int sequences = 0;
  int blocks_per_sequence = 0;
  int block_size = 64;
  const int32_t* seq = nullptr;          // [tokens]
  const int32_t* pos = nullptr;          // [tokens]
  const int32_t* slot = nullptr;         // [tokens], negative: skip
  const int32_t* seq_start = nullptr;    // [sequences + 1]
  const int32_t* context_len = nullptr;  // [sequences]
  const int32_t* block_table = nullptr;  // [sequences, blocks_per_sequence]
  const TokenBlock* token_blocks = nullptr;
  int token_block_count = 0;
  Fault* fault = nullptr;  // of a checked build

  /** `size`: the block size as a constant, for a division without one. */
  template <int size>
  int block(int sequence, int position) const {
    return block_table[int64_t(sequence) * blocks_per_sequence + position / size];
  }
};

/**
 * A row of a paged field. A block holds its fields one behind the other, each [heads][block size][width]; `block_elements`
 * and `field_elements` count per position: all fields, and those before this one.
 */
template <int64_t block_elements, int64_t field_elements, int width, int block_size, class T>
inline T* paged_row(T* pages, int64_t block, int head, int offset) {
  return pages + (block * block_elements + field_elements) * block_size + (int64_t(head) * block_size + offset) * width;
}

}  // namespace ws
