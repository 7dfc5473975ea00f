// The values of a program in device memory, and the ways in and out: weights of mapped files, arrays of the host, results.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "convert_parallel.h"
#include "device.h"
#include "memory.h"

namespace ws {

class DeviceValues {
 public:
  DeviceValues(const ProgramInfo& program, std::vector<int32_t> capacities, int64_t slots, const Stream& stream)
      : device_(Device::get()), stream_(stream), program_(program), capacities_(std::move(capacities)), slots_(slots),
        table_(size_t(program.value_count)), owned_(table_.size()), bound_(table_.size()), filled_(table_.size()) {
    arena_.resize(size_t(program.slot_count));
    for (int32_t i = 0; i < program.value_count; ++i)
      if (info(i).kind == Kind::arena) arena_[size_t(info(i).slot)] = std::max(arena_[size_t(info(i).slot)], bytes(i));
    std::vector<uint64_t> slots_begin;
    uint64_t total = 0;
    for (const uint64_t size : arena_) {
      slots_begin.push_back(total);
      total += aligned(size);
    }
    arena_bytes = total;
    std::vector<uint64_t> begins(table_.size());
    for (int32_t i = 0; i < program.value_count; ++i) {
      begins[size_t(i)] = total;
      if (info(i).kind == Kind::arena || info(i).kind == Kind::input) continue;
      total += aligned(bytes(i));
      if (info(i).kind == Kind::state) state_bytes += int64_t(bytes(i));
    }
    memory_ = DeviceMemory(total);
    stream_.clear(memory_.address(), total, "clearing memory");
    for (int32_t i = 0; i < program.value_count; ++i) {
      const uint64_t begin = info(i).kind == Kind::arena ? slots_begin[size_t(info(i).slot)] : begins[size_t(i)];
      if (info(i).kind != Kind::input) owned_[size_t(i)] = table_[size_t(i)] = pointer(memory_.address() + begin);
    }
  }

  void* const* table() const { return table_.data(); }
  bool is_value(int32_t value) const { return value >= 0 && value < program_.value_count; }
  const ValueInfo& info(int32_t value) const { return program_.values[value]; }
  uint64_t bytes(int32_t value) const { return bytes_of(info(value), capacities_.data(), slots_); }
  uint64_t bytes(int32_t value, const int32_t* counts) const { return bytes_of(info(value), counts, slots_); }

  /** An input lies in the descriptor of the step that comes. */
  void place_input(int32_t value, const void* address) {
    table_[size_t(value)] = const_cast<void*>(address);
    bound_[size_t(value)] = nullptr;
  }

  /** Rows of a weight behind those that were loaded before; a matrix is one piece, whatever it was merged from. */
  void load_rows(int32_t value, int32_t rows, int32_t columns, const FileRows& source) {
    const Storage wanted = info(value).storage;
    const uint64_t width = uint64_t(columns) * uint64_t(bytes_of(wanted));
    uint64_t& filled = filled_[size_t(value)];
    if (filled + width * uint64_t(rows) > bytes(value))
      throw std::runtime_error(std::string(info(value).name) + ": more elements than its shape holds");
    const bool plain = source.is_plain(wanted);
    Mapping converted;
    if (!plain) {
      converted = Mapping::zeroed(width * uint64_t(rows));
      if (converted.data() == nullptr) throw std::runtime_error(std::string("no memory to convert ") + info(value).name);
      convert_on_all_cores(source, rows, columns, converted.data(), wanted);
    }
    const char* const from = plain ? source.first() : converted.data();
    const uint64_t stride = plain ? source.stride : width;
    if (stride == width) {
      stream_.copy_in(address(value) + filled, from, width * uint64_t(rows), info(value).name);
    } else {
      CopyRows copy = {};
      copy.from_kind = MEMORY_HOST;
      copy.from_host = from;
      copy.from_pitch = stride;
      copy.to_kind = MEMORY_DEVICE;
      copy.to_device = address(value) + filled;
      copy.to_pitch = width;
      copy.width_bytes = width;
      copy.height = size_t(rows);
      device_.driver.check(device_.driver.cuMemcpy2DAsync_v2(&copy, stream_), info(value).name);
    }
    stream_.wait(info(value).name);
    filled += width * uint64_t(rows);
  }

  /** Memory of the device is used as it is; an array of the host is copied in before a launch and out behind it. */
  void bind(int32_t value, void* data) {
    if (device_.owns(data)) {
      table_[size_t(value)] = data;
      bound_[size_t(value)] = nullptr;
      return;
    }
    if (owned_[size_t(value)] == nullptr) {
      inputs_.emplace_back(std::max<uint64_t>(bytes(value), 1));
      owned_[size_t(value)] = pointer(inputs_.back().address());
    }
    table_[size_t(value)] = owned_[size_t(value)];
    bound_[size_t(value)] = data;
  }

  /** Says how much of its memory each value takes in a step; values that share memory take what the largest one does. */
  void tell_extents(const int32_t* counts) const {
    std::vector<int32_t> largest(size_t(program_.slot_count), -1);
    for (int32_t i = 0; i < program_.value_count; ++i) {
      if (info(i).kind != Kind::arena) {
        if (table_[size_t(i)] == owned_[size_t(i)]) tell_extent(address(i), bytes(i, counts), aligned(bytes(i)), info(i).name);
        continue;
      }
      int32_t& most = largest[size_t(info(i).slot)];
      if (most < 0 || bytes(i, counts) > bytes(most, counts)) most = i;
    }
    for (const int32_t i : largest)
      if (i >= 0) tell_extent(address(i), bytes(i, counts), aligned(arena_[size_t(info(i).slot)]), info(i).name);
  }

  void copy_bound_in(const int32_t* counts) const {
    for (int32_t i = 0; i < program_.value_count; ++i)
      if (bound_[size_t(i)] != nullptr) stream_.copy_in(address(i), bound_[size_t(i)], bytes(i, counts), info(i).name);
  }

  /** Starts the copies of what a step wrote: what is bound into the host's arrays, other small results into `results`. */
  void copy_results(const int32_t* counts, std::vector<PinnedMemory>& results) const {
    for (int32_t i = 0; i < program_.value_count; ++i) {
      if (is_kept(i)) stream_.copy_out(result(i, results), address(i), bytes(i, counts), info(i).name);
    }
    copy_bound_out(counts);
  }

  void copy_bound_out(const int32_t* counts) const {
    for (int32_t i = 0; i < program_.value_count; ++i) {
      const bool written = info(i).kind == Kind::result || info(i).kind == Kind::state;
      if (written && bound_[size_t(i)] != nullptr) stream_.copy_out(bound_[size_t(i)], address(i), bytes(i, counts), info(i).name);
    }
  }

  /** Whether the slots of a ring keep the value: a small result that is not bound. */
  bool is_kept(int32_t value) const { return ws::is_kept(info(value), capacities_.data()) && table_[size_t(value)] == owned_[size_t(value)] && bound_[size_t(value)] == nullptr; }

  /** Memory of a slot for the value, taken when it is first asked for. */
  void* result(int32_t value, std::vector<PinnedMemory>& results) const {
    results.resize(table_.size());
    PinnedMemory& memory = results[size_t(value)];
    if (memory.data() == nullptr) memory = PinnedMemory(bytes(value));
    return memory.data();
  }

  void read(int32_t value, uint64_t offset, void* data, uint64_t size) const {
    stream_.copy_out(data, address(value) + offset, size, info(value).name);
    stream_.wait(info(value).name);
  }

  void write(int32_t value, uint64_t offset, const void* data, uint64_t size) const {
    stream_.copy_in(address(value) + offset, data, size, info(value).name);
    stream_.wait(info(value).name);
  }

  uint64_t arena_bytes = 0;
  int64_t state_bytes = 0;

 private:
  static uint64_t aligned(uint64_t bytes) { return (bytes + 255) / 256 * 256; }
  static void* pointer(CUdeviceptr address) { return reinterpret_cast<void*>(address); }

  CUdeviceptr address(int32_t value) const { return CUdeviceptr(uintptr_t(table_[size_t(value)])); }

  const Device& device_;
  const Stream& stream_;
  const ProgramInfo& program_;
  const std::vector<int32_t> capacities_;
  const int64_t slots_;
  /** Bytes of each slot. */
  std::vector<uint64_t> arena_;
  /** Where each value lies now. */
  std::vector<void*> table_;
  /** Its memory in this instance, if any. */
  std::vector<void*> owned_;
  /** The array of the host that it is copied from and to, if any. */
  std::vector<void*> bound_;
  std::vector<uint64_t> filled_;
  std::vector<DeviceMemory> inputs_;
  DeviceMemory memory_;
};

}  // namespace ws
