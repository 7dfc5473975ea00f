// Device memory of the simulated GPU: one stretch of addresses with gaps between allocations, which bytes of it may be touched,
// and what they are called.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

#include "simt_shadow.h"

namespace simt {

class DeviceMemory {
 public:
  static constexpr uint64_t capacity = uint64_t(4) << 30;
  static constexpr uint64_t alignment = 256;

  /** 0 where there is no room. */
  uintptr_t allocate(uint64_t bytes) {
    if (begin_ == 0) reserve();
    // A gap behind each, so that what runs over the end meets none.
    const uint64_t wanted = (bytes + alignment - 1) / alignment * alignment + alignment;
    uintptr_t at = begin_;
    for (const auto& [begin, allocation] : allocations_) {
      if (begin - at >= wanted) break;
      at = begin + allocation.reserved;
    }
    if (at + wanted > begin_ + capacity) return 0;
    allocations_[at] = {bytes, wanted};
    set_extent(at, bytes, wanted, "memory");
    return at;
  }

  bool free(uintptr_t address) {
    const auto found = allocations_.find(address);
    if (found == allocations_.end()) return false;
    forget(address, found->second.reserved);
    allocations_.erase(found);
    return true;
  }

  /** Makes the first `bytes` of [address, address + room) a tensor of its own, and the rest a gap. */
  void set_extent(uintptr_t address, uint64_t bytes, uint64_t room, const char* name) {
    forget(address, room);
    extents_[address] = {bytes, name};
    uint8_t* const granule = valid_ + (address - begin_) / 8;
    std::fill_n(granule, bytes / 8, uint8_t(8));
    if (bytes % 8 != 0) granule[bytes / 8] = uint8_t(bytes % 8);
  }

  bool holds(uintptr_t address) const { return address - begin_ < capacity && begin_ != 0; }

  /** Whether all of an access lies in a tensor; `address` is held. */
  bool is_valid(uintptr_t address, uint64_t bytes) const {
    const uintptr_t end = address + bytes;
    for (uintptr_t at = address; at < end; at = at / 8 * 8 + 8)
      if (std::min(end, at / 8 * 8 + 8) - at / 8 * 8 > valid_[(at - begin_) / 8]) return false;
    return true;
  }

  /** Whether a copy of the host may touch it: within one allocation. */
  bool is_allocated(uintptr_t address, uint64_t bytes) const {
    auto next = allocations_.upper_bound(address);
    if (next == allocations_.begin()) return false;
    --next;
    return address + bytes <= next->first + next->second.bytes;
  }

  Cell* cell(uintptr_t address) const { return cells_ + (address - begin_) / 2; }

  /** `x + 132`, with the tensor that is nearest: `x + 528, which has 528 bytes`, `x - 4`. */
  std::string describe(uintptr_t address) const {
    const auto next = extents_.upper_bound(address);
    const bool has_next = next != extents_.end();
    if (next == extents_.begin()) return has_next ? next->second.name + " - " + std::to_string(next->first - address) : "no tensor";
    const auto& [begin, extent] = *std::prev(next);
    const uint64_t offset = address - begin;
    if (offset < extent.bytes) return extent.name + " + " + std::to_string(offset);
    if (has_next && next->first - address < offset - extent.bytes)
      return next->second.name + " - " + std::to_string(next->first - address);
    return extent.name + " + " + std::to_string(offset) + ", which has " + std::to_string(extent.bytes) + " bytes";
  }

  uint64_t used() const {
    uint64_t sum = 0;
    for (const auto& [begin, allocation] : allocations_) sum += allocation.reserved;
    return sum;
  }

  /** Of all memory, when stamps begin anew. */
  void clear_cells() {
    if (begin_ != 0) madvise(cells_, capacity / 2 * sizeof(Cell), MADV_DONTNEED);
  }

 private:
  struct Allocation {
    uint64_t bytes;
    uint64_t reserved;
  };
  struct Extent {
    uint64_t bytes;
    std::string name;
  };

  void reserve() {
    begin_ = uintptr_t(map(capacity));
    valid_ = static_cast<uint8_t*>(map(capacity / 8));
    cells_ = static_cast<Cell*>(map(capacity / 2 * sizeof(Cell)));
  }

  /** Pages that cost nothing until they are touched. */
  static void* map(uint64_t bytes) {
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no addresses for the memory of a simulated GPU");
    return memory;
  }

  void forget(uintptr_t address, uint64_t bytes) {
    extents_.erase(extents_.lower_bound(address), extents_.lower_bound(address + bytes));
    std::fill_n(valid_ + (address - begin_) / 8, (bytes + 7) / 8, uint8_t(0));
  }

  uintptr_t begin_ = 0;
  /** Of each 8 bytes, how many from the first on belong to a tensor. */
  uint8_t* valid_ = nullptr;
  Cell* cells_ = nullptr;
  std::map<uintptr_t, Allocation> allocations_;
  std::map<uintptr_t, Extent> extents_;
};

}  // namespace simt
