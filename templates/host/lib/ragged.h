// The ragged batch that a step's descriptor tells of, and what follows from it for each token.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace ws {

/** Words of a descriptor before its counts: see ws_step. */
inline constexpr int descriptor_header = 5;

/**
 * `Block` is {first, count}: up to `most` neighbouring tokens of one sequence. Tokens past the last sequence are padding: of
 * sequence 0, at position -1, with slot -1.
 */
template <class Block, int most>
struct Ragged {
  int32_t tokens = 0;
  int32_t sequences = 0;
  int32_t blocks_per_sequence = 0;
  const int32_t* seq_start = nullptr;    // [sequences + 1], in the descriptor
  const int32_t* context_len = nullptr;  // [sequences], in the descriptor
  const int32_t* block_table = nullptr;  // [sequences, blocks_per_sequence], in the descriptor
  const int32_t* slot = nullptr;         // [tokens], in the descriptor where it gives them
  std::vector<int32_t> seq, pos, slots;  // [tokens]
  std::vector<Block> token_blocks;
  /** Why `read` returned null. */
  std::string error;

  /** Reads the part of `descriptor` that begins at `at`; returns what follows it, or null for a batch that is none. */
  const int32_t* read(const int32_t* descriptor, const int32_t* at, int32_t block_size, int32_t num_blocks) {
    sequences = descriptor[1];
    blocks_per_sequence = descriptor[2];
    seq_start = at;
    tokens = descriptor[4];
    context_len = at += sequences + 1;
    block_table = at += sequences;
    at += int64_t(sequences) * blocks_per_sequence;
    const int32_t owned = seq_start[sequences];
    if (owned < 0 || owned > tokens) return fail("a batch has fewer tokens than its sequences");
    seq.resize(size_t(tokens));
    pos.resize(size_t(tokens));
    slots.resize(size_t(tokens));
    token_blocks.clear();
    for (int32_t s = 0; s < sequences; ++s) {
      const int32_t begin = seq_start[s], end = seq_start[s + 1], cached = context_len[s] - (end - begin);
      if (end < begin || begin < 0 || end > owned || cached < 0) return fail("sequence " + std::to_string(s) + " has a negative length");
      if (blocks_per_sequence > 0 && context_len[s] > blocks_per_sequence * block_size)
        return fail("sequence " + std::to_string(s) + " is longer than its block table");
      for (int32_t t = begin; t < end; ++t) {
        const int32_t position = cached + t - begin;
        seq[size_t(t)] = s;
        pos[size_t(t)] = position;
        const int32_t block =
            blocks_per_sequence > 0 ? block_table[int64_t(s) * blocks_per_sequence + position / block_size] : -1;
        if (block >= num_blocks) return fail("sequence " + std::to_string(s) + " names a block beyond the cache");
        slots[size_t(t)] = block < 0 ? -1 : block * block_size + position % block_size;
      }
      add_blocks(begin, end);
    }
    for (int32_t t = owned; t < tokens; ++t) {
      seq[size_t(t)] = 0;
      pos[size_t(t)] = slots[size_t(t)] = -1;
    }
    add_blocks(owned, tokens);
    slot = slots.data();
    if (descriptor[3] != 0) {
      slot = at;
      at += tokens;
    }
    return at;
  }

 private:
  void add_blocks(int32_t begin, int32_t end) {
    for (int32_t first = begin; first < end; first += most) token_blocks.push_back({first, std::min(most, end - first)});
  }

  const int32_t* fail(std::string message) {
    error = std::move(message);
    return nullptr;
  }
};

}  // namespace ws
