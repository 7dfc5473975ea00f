// The ragged batch of a step, its arrays in device memory. The host program includes this file too: a kernel takes the struct
// by value, so that a captured graph holds the addresses and reads what a later step writes there.
//
// A step may have tokens past its last sequence. Every kernel may run on them: they have slot -1, position -1 and a sequence that
// exists. What is written for them is never read.
#pragma once

#include <cstdint>

#include "checked.cuh"
#include "target.cuh"

namespace ws {

/** Neighbouring tokens of one sequence in a TokenBlock, at most. */
constexpr int TOKEN_BLOCK = 128;

struct TokenBlock {
  int32_t first;
  int32_t count;
};

/** Multiprocessors of a large GPU. */
constexpr int MULTIPROCESSORS = 132;
/** Keys of a part, at least, and parts at most: a lane each when they are joined. */
constexpr int KEY_PART = 64;
constexpr int MOST_KEY_PARTS = 32;

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
  const TokenBlock* token_blocks;  // [token_block_count]
  int32_t token_block_count;
  /** Of them, those of one token; they come first. */
  int32_t lone_token_count;
  Fault* fault;  // of a checked build, else null

  /** `size`: the block size as a constant, for a division without one. */
  template <int size>
  WS_DEVICE int block(int sequence, int position) const {
    return block_table[int64_t(sequence) * blocks_per_sequence + position / size];
  }

  /** Pieces of at most `most` tokens, a divisor of TOKEN_BLOCK, that blocks of several tokens are cut into. */
  WS_DEVICE int piece_count(int most) const { return (token_block_count - lone_token_count) * (TOKEN_BLOCK / most); }

  /** The last tokens first: behind them lie the most keys. `count` is not positive for a piece without tokens. */
  WS_DEVICE TokenBlock piece(int place, int most) const {
    const int pieces = TOKEN_BLOCK / most;
    const TokenBlock whole = token_blocks[token_block_count - 1 - place / pieces];
    const int skipped = (pieces - 1 - place % pieces) * most;
    return {whole.first + skipped, whole.count - skipped < most ? whole.count - skipped : most};
  }

  /** As above, of all blocks. */
  WS_DEVICE int any_piece_count(int most) const { return lone_token_count + piece_count(most); }
  WS_DEVICE TokenBlock any_piece(int place, int most) const {
    return place < lone_token_count ? token_blocks[place] : piece(place - lone_token_count, most);
  }

  /**
   * Parts that the keys of `blocks` blocks are cut into each, where a large GPU would hold more of them, `held` on each of its
   * multiprocessors. It follows from the step's shape, since a captured step is replayed for other lengths; parts without keys end
   * at once.
   */
  WS_DEVICE int key_parts(int blocks, int held) const {
    const int wave = MULTIPROCESSORS * held;
    const int wanted = wave / (blocks < 1 ? 1 : blocks);
    const int keys = blocks_per_sequence * block_size;
    const int most = keys < MOST_KEY_PARTS * KEY_PART ? (keys + KEY_PART - 1) / KEY_PART : MOST_KEY_PARTS;
    const int parts = wanted < most ? wanted : most;
    return parts < 1 ? 1 : parts;
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
