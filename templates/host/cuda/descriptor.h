// A step's descriptor on its way to the GPU: in pinned memory with what follows from it a token, then in one copy on the device.
#pragma once

#include <algorithm>
#include <cstring>

#include "device.h"
#include "ragged.h"

namespace ws {

class DeviceDescriptor {
 public:
  /**
   * Reads the batch of `descriptor` that begins at `at`, and lays out what the device reads of it; returns what follows the
   * batch, or null with `error`.
   */
  const int32_t* read(const int32_t* descriptor, const int32_t* at, int32_t num_blocks) {
    const int32_t* const end = ragged_.read(descriptor, at, block_size, num_blocks);
    if (end == nullptr) return nullptr;
    const size_t tokens = size_t(ragged_.tokens), sequences = size_t(ragged_.sequences);
    const auto is_lone = [](const TokenBlock& block) { return block.count == 1; };
    std::vector<TokenBlock>& blocks = ragged_.token_blocks;
    lone_tokens_ = int32_t(std::stable_partition(blocks.begin(), blocks.end(), is_lone) - blocks.begin());
    parts_.clear();
    bytes_ = 0;
    seq_ = add(ragged_.seq.data(), tokens, "batch.seq");
    pos_ = add(ragged_.pos.data(), tokens, "batch.pos");
    slot_ = add(ragged_.slot, tokens, "batch.slot");
    seq_start_ = add(ragged_.seq_start, sequences + 1, "batch.seq_start");
    context_len_ = add(ragged_.context_len, sequences, "batch.context_len");
    block_table_ = add(ragged_.block_table, sequences * size_t(ragged_.blocks_per_sequence), "batch.block_table");
    token_blocks_ = add(ragged_.token_blocks.data(), ragged_.token_blocks.size(), "batch.token_blocks");
    return end;
  }

  /** One more array of words for the device; returns its place, for `address`. */
  uint64_t add_words(const int32_t* words, uint64_t count, const char* name) { return add(words, count, name); }

  /**
   * Starts the copy by way of `pinned`, which is to be left alone until it has ended; the steps before it may be under way, since
   * it takes its turn behind them. True if the device memory moved, so that addresses of earlier steps are void.
   */
  bool upload(const Stream& stream, PinnedMemory& pinned) {
    const bool grows = bytes_ > device_.bytes();
    if (grows) {
      stream.wait("waiting for the GPU");
      device_ = DeviceMemory();
      device_ = DeviceMemory(bytes_ + bytes_ / 2);
    }
    if (bytes_ > pinned.bytes()) {
      pinned = PinnedMemory();
      pinned = PinnedMemory(device_.bytes());
    }
    tell_extent(device_.address(), 0, device_.bytes(), "batch");
    for (const Part& part : parts_) {
      std::memcpy(pinned.data() + part.place, part.data, part.bytes);
      tell_extent(device_.address() + part.place, part.bytes, aligned(part.bytes), part.name);
    }
    stream.copy_in(device_.address(), pinned.data(), bytes_, "copying a batch");
    return grows;
  }

  /** Where the array at `place` lies on the device, behind `upload`. */
  template <class T>
  T* address(uint64_t place) const {
    return reinterpret_cast<T*>(device_.address() + place);
  }

  Batch batch(Fault* fault) const {
    return {ragged_.tokens,
            ragged_.sequences,
            ragged_.blocks_per_sequence,
            block_size,
            address<const int32_t>(seq_),
            address<const int32_t>(pos_),
            address<const int32_t>(slot_),
            address<const int32_t>(seq_start_),
            address<const int32_t>(context_len_),
            address<const int32_t>(block_table_),
            address<const TokenBlock>(token_blocks_),
            int32_t(ragged_.token_blocks.size()),
            lone_tokens_,
            fault};
  }

  int32_t tokens() const { return ragged_.tokens; }
  int32_t token_blocks() const { return int32_t(ragged_.token_blocks.size()); }
  int32_t lone_tokens() const { return lone_tokens_; }
  const std::string& error() const { return ragged_.error; }

 private:
  struct Part {
    uint64_t place;
    const void* data;
    uint64_t bytes;
    const char* name;
  };

  /** To a multiple of 256 bytes, as memory of its own would lie. */
  static uint64_t aligned(uint64_t bytes) { return (bytes + 255) / 256 * 256; }

  template <class T>
  uint64_t add(const T* data, uint64_t count, const char* name) {
    const uint64_t place = bytes_;
    if (count > 0) parts_.push_back({place, data, count * sizeof(T), name});
    bytes_ += aligned(count * sizeof(T));
    return place;
  }

  Ragged<TokenBlock, TOKEN_BLOCK> ragged_;
  std::vector<Part> parts_;
  int32_t lone_tokens_ = 0;
  uint64_t bytes_ = 0;
  uint64_t seq_ = 0, pos_ = 0, slot_ = 0, seq_start_ = 0, context_len_ = 0, block_table_ = 0, token_blocks_ = 0;
  DeviceMemory device_;
};

}  // namespace ws
