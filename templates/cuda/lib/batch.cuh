// The ragged batch of a step, its arrays in device memory. The host program includes this file too: a kernel takes the struct
// by value, so that a captured graph holds the addresses and reads what a later step writes there.
//
// Counts are those of the bucket that a step is padded to. The host pads so that every kernel may run on the padding: tokens
// with slot -1, position 0 and a sequence that exists, token blocks with count 0. What padding rows write is never read.
#pragma once

#include <cstdint>

#include "checked.cuh"
#include "target.cuh"

namespace ws {

/** Tokens of one sequence that an attend takes together, at most. */
constexpr int TOKEN_BLOCK = 16;

struct TokenBlock {
  int32_t first;
  int32_t count;
};

struct Batch {
  int32_t tokens;
  int32_t sequences;
  int32_t blocks_per_sequence;
  int32_t block_size;
  const int32_t* seq;          // [tokens]
  const int32_t* pos;          // [tokens]
  const int32_t* slot;         // [tokens], negative: skip
  const int32_t* seq_start;    // [sequences + 1]
  const int32_t* context_len;  // [sequences]
  const int32_t* block_table;  // [sequences, blocks_per_sequence]
  const TokenBlock* token_blocks;
  int32_t token_block_count;
  Fault* fault;  // of a checked build, else null

  WS_DEVICE int block(int sequence, int position) const {
    return block_table[int64_t(sequence) * blocks_per_sequence + position / block_size];
  }
};

/**
 * A row of a paged field. A block holds its fields one behind the other, each [heads][block size][width]; `block_elements`
 * and `field_elements` count per position: all fields, and those before this one.
 */
template <int64_t block_elements, int64_t field_elements, int width, int block_size, class T>
WS_DEVICE T* paged_row(T* pages, int64_t block, int head, int offset) {
  return pages + (block * block_elements + field_elements) * block_size + (int64_t(head) * block_size + offset) * width;
}

}  // namespace ws
