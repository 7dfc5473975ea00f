// An instance of a program: its memory table, its threads, and a step.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "describe_fault.h"
#include "file_rows.h"
#include "matrix.h"
#include "memory.h"
#include "program.h"
#include "ragged.h"
#include "ring.h"

namespace ws {

class Instance {
 public:
  Instance(const ProgramInfo& program, int threads, const int32_t* capacities, int blocks_per_sequence, int num_blocks)
      : program_(program), capacities_(capacities, capacities + program.count_count), num_blocks_(num_blocks),
        blocks_per_sequence_(blocks_per_sequence), pool_(threads), table_(size_t(program.value_count)),
        segments_(size_t(program.value_count)), owned_(size_t(program.value_count)), bound_(size_t(program.value_count)),
        ring_([this](Slot& slot) { run(slot); }, shop_.cancelled) {
    allocate();
    shop_.pool = &pool_;
    scratch_ = Mapping::zeroed(uint64_t(program.scratch_bytes + 64) * uint64_t(pool_.size()));
  }

  std::string error;

  /** Names what could not be had; empty when all is well. */
  const std::string& allocation_error() const { return allocation_error_; }

  int32_t map_file(const char* path) {
    Mapping mapping = Mapping::of_file(path);
    if (mapping.data() == nullptr) return fail(std::string("cannot map ") + path);
    files_.push_back(std::move(mapping));
    return int32_t(files_.size() - 1);
  }

  int32_t load_weight(int32_t value, int32_t rows, int32_t columns, const ws_file_rows& from, const int32_t* order) {
    if (!is_value(value) || from.file < 0 || size_t(from.file) >= files_.size()) return fail("no such value or file");
    const ValueInfo& info = program_.values[value];
    const FileRows source = rows_of(files_[size_t(from.file)], from, order);
    if (!source.fit(rows, columns, bytes_behind(files_[size_t(from.file)], from)))
      return fail(std::string(info.name) + ": rows beyond the end of the file");
    if (info.rank == 2 && source.is_plain(info.storage)) return add_segment(value, rows, source.first(), int64_t(from.row_stride));
    return copy_rows(value, rows, columns, source);
  }

  int32_t bind(int32_t value, void* data) {
    if (!is_value(value)) return fail("no such value");
    ring_.settle();
    bound_[size_t(value)] = true;
    if (program_.values[value].kind == Kind::weight && program_.values[value].rank == 2) {
      Segments& segments = segments_[size_t(value)];
      segments.count = 0;
      const int64_t columns = extent_of(program_.values[value], 1, capacities_.data());
      table_[size_t(value)] = &segments;
      return add_segment(value, int32_t(extent_of(program_.values[value], 0, capacities_.data())), static_cast<const char*>(data),
                         columns * bytes_of(program_.values[value].storage));
    }
    table_[size_t(value)] = data;
    return 0;
  }

  int32_t write(int32_t value, uint64_t offset, const void* data, uint64_t size) {
    ring_.settle();
    if (!has_memory(value) || offset + size > bytes(value)) return fail("a write outside the value's memory");
    std::memcpy(static_cast<char*>(table_[size_t(value)]) + offset, data, size);
    return 0;
  }

  int32_t read(int32_t value, uint64_t offset, void* data, uint64_t size) {
    ring_.settle();
    if (!has_memory(value) || offset + size > bytes(value)) return fail("a read outside the value's memory");
    std::memcpy(data, static_cast<const char*>(table_[size_t(value)]) + offset, size);
    return 0;
  }

  bool is_value(int32_t value) const { return value >= 0 && value < program_.value_count; }

  uint64_t bytes(int32_t value) const { return value_bytes(program_.values[value], capacities_.data()); }

  int64_t submit(const int32_t* descriptor) { return ring_.submit(descriptor); }

  void wait(int64_t ticket) { ring_.wait(ticket); }

  int32_t poll(int64_t ticket) {
    switch (ring_.stand(ticket)) {
      case Ring::Stand::unknown: return fail("step " + std::to_string(ticket) + " is not in the ring");
      case Ring::Stand::under_way: return 1;
      case Ring::Stand::ended: return status_of(ring_.slot(ticket));
    }
    return 0;
  }

  /** Runs on the calling thread; the ticket, or how it failed. */
  int64_t step(const int32_t* descriptor) {
    const int64_t ticket = ring_.run_here(descriptor);
    const int32_t status = poll(ticket);
    return status == 0 ? ticket : status;
  }

  int32_t launch(const int32_t* descriptor) {
    ring_.settle();
    shop_.cancelled.store(false, std::memory_order_relaxed);
    return run(descriptor, false, error);
  }

  void* result(int32_t slot, int32_t value) {
    if (slot < 0 || slot >= WS_RING_SLOTS || !is_value(value) || !is_kept(program_.values[value], capacities_.data())) return nullptr;
    ring_.settle();
    return result_of(ring_.slot(slot), value);
  }

  /** On this target a kernel that fails ends the process. */
  int32_t failed_launch() const { return -1; }

  void cancel() { ring_.cancel(); }

  void capacity(int64_t* numbers) const {
    numbers[0] = pool_.size();
    numbers[1] = int64_t(arena_.bytes());
    numbers[2] = int64_t(scratch_.bytes());
    numbers[3] = state_bytes_;
  }

  void stats(int64_t* numbers) {
    ring_.settle();
    numbers[0] = steps_;
    numbers[1] = shop_.launches;
    numbers[2] = nanoseconds_;
  }

  void timings(bool on, int64_t* numbers) {
    ring_.settle();
    if (numbers != nullptr && !timings_.empty()) std::copy(timings_.begin(), timings_.end(), numbers);
    timings_.assign(on ? size_t(program_.kernel_count) : 0, 0);
    shop_.timings = on ? timings_.data() : nullptr;
  }

 private:
  bool has_memory(int32_t value) const { return is_value(value) && table_[size_t(value)] != nullptr; }

  int32_t fail(std::string message) { return fail(error, std::move(message)); }

  static int32_t fail(std::string& error, std::string message) {
    error = std::move(message);
    return -1;
  }

  int32_t status_of(const Slot& slot) { return slot.status == -1 ? fail(slot.error) : slot.status; }

  /** Memory of the slot for a small result, taken when it is first asked for. */
  void* result_of(Slot& slot, int32_t value) const {
    slot.results.resize(table_.size());
    Mapping& memory = slot.results[size_t(value)];
    if (memory.data() == nullptr) memory = Mapping::zeroed(bytes(value));
    return memory.data();
  }

  /** The small results of a packed step lie in its slot. */
  void run(Slot& slot) {
    try {
      for (int32_t i = 0; i < program_.value_count; ++i)
        if (!bound_[size_t(i)] && is_kept(program_.values[i], capacities_.data())) table_[size_t(i)] = result_of(slot, i);
      slot.status = run(slot.descriptor.data(), true, slot.error);
    } catch (const std::exception& failure) {
      slot.status = -1;
      slot.error = failure.what();
    }
  }

  /** Runs the program: 0, -1 with `error`, or -2 if it was cancelled. */
  int32_t run(const int32_t* descriptor, bool packed, std::string& error) {
    const auto started = std::chrono::steady_clock::now();
    const int32_t* const end = descriptor + descriptor[0];
    const int32_t* const counts = descriptor + descriptor_header;
    for (int32_t i = 0; i < program_.count_count; ++i)
      if (counts[i] < 0 || counts[i] > capacities_[size_t(i)]) return fail(error, "count " + std::to_string(i) + " exceeds its capacity");
    const int32_t* at = read_batch(descriptor, counts + program_.count_count);
    if (at == nullptr) return fail(error, ragged_.error);
    if (packed)
      for (int32_t i = 0; i < program_.value_count; ++i) {
        const ValueInfo& info = program_.values[i];
        if (info.kind != Kind::input) continue;
        table_[size_t(i)] = const_cast<int32_t*>(at);
        at += value_bytes(info, counts) / 4;
      }
    if (at != end) return fail(error, "the descriptor's length does not fit its counts");
    for (int32_t i = 0; i < program_.value_count; ++i)
      if (table_[size_t(i)] == nullptr && value_bytes(program_.values[i], counts) > 0)
        return fail(error, std::string(program_.values[i].name) + " has no data");
    fault_.taken.store(false, std::memory_order_relaxed);
    const int64_t launch = launch_base_;
    pool_.run([&](int rank, int size) {
      Worker worker(shop_, rank, size, scratch_.data() + (program_.scratch_bytes + 64) * rank);
      worker.begin_step(launch);
      program_.run(batch_, worker, table_.data(), counts);
    });
    launch_base_ += program_.kernel_count;
    ++steps_;
    nanoseconds_ += std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - started).count();
    if (fault_.taken.load()) return fail(error, describe_fault(fault_));
    if (!shop_.stopped) return 0;
    shop_.stopped = false;
    for (Ticket& ticket : shop_.tickets) ticket.reset();
    return -2;
  }

  uint64_t value_bytes(const ValueInfo& info, const int32_t* counts) const {
    return bytes_of(info, counts, int64_t(num_blocks_) * block_size);
  }

  void allocate() {
    std::vector<uint64_t> slots(size_t(program_.slot_count));
    for (int32_t i = 0; i < program_.value_count; ++i) {
      const ValueInfo& info = program_.values[i];
      if (info.kind == Kind::arena) slots[size_t(info.slot)] = std::max(slots[size_t(info.slot)], bytes(i));
    }
    uint64_t total = 0;
    std::vector<uint64_t> offsets;
    for (const uint64_t size : slots) {
      offsets.push_back(total);
      total += (size + 63) / 64 * 64;
    }
    arena_ = Mapping::zeroed(total);
    if (total > 0 && arena_.data() == nullptr) allocation_error_ = "no memory for an arena of " + std::to_string(total) + " bytes";
    for (int32_t i = 0; i < program_.value_count; ++i) {
      const ValueInfo& info = program_.values[i];
      void*& place = table_[size_t(i)];
      if (info.kind == Kind::arena) place = arena_.data() + offsets[size_t(info.slot)];
      else if (info.kind == Kind::weight && info.rank == 2) place = nullptr;
      else if (info.kind != Kind::input) {
        owned_[size_t(i)] = Mapping::zeroed(bytes(i));
        place = owned_[size_t(i)].data();
        if (place == nullptr && bytes(i) > 0)
          allocation_error_ = std::string("no memory for ") + info.name + ", " + std::to_string(bytes(i)) + " bytes";
        if (info.kind == Kind::state) state_bytes_ += int64_t(bytes(i));
      }
    }
  }

  int32_t add_segment(int32_t value, int32_t rows, const char* base, int64_t stride) {
    Segments& segments = segments_[size_t(value)];
    if (segments.count == Segments::most) return fail("a weight has more segments than the engine holds");
    const int32_t begin = segments.count == 0 ? 0 : segments.segment[segments.count - 1].end;
    segments.segment[segments.count++] = {begin, begin + rows, base, stride};
    table_[size_t(value)] = &segments;
    return 0;
  }

  /** Rows of another type or order, or of a vector, which is copied because it is small and wanted in one piece. */
  int32_t copy_rows(int32_t value, int32_t rows, int32_t columns, const FileRows& source) {
    const ValueInfo& info = program_.values[value];
    const int64_t to_row = columns * bytes_of(info.storage);
    char* to;
    if (info.rank == 2) {
      converted_.push_back(Mapping::zeroed(uint64_t(rows) * uint64_t(to_row)));
      to = converted_.back().data();
    } else {
      uint64_t& filled = filled_[size_t(value)];
      if (filled + uint64_t(rows * to_row) > bytes(value)) return fail(std::string(info.name) + ": more elements than its shape holds");
      to = static_cast<char*>(table_[size_t(value)]) + filled;
      filled += uint64_t(rows * to_row);
    }
    if (to == nullptr) return fail(std::string("no memory for ") + info.name);
    ring_.settle();
    pool_.run([&](int rank, int size) {
      const Range part = share(rows, rank, size);
      convert_rows(source, part.begin, part.end, columns, to, info.storage);
    });
    return info.rank == 2 ? add_segment(value, rows, to, to_row) : 0;
  }

  /** Fills the batch from the descriptor; returns what follows it, or null with the error of `ragged_`. */
  const int32_t* read_batch(const int32_t* descriptor, const int32_t* at) {
    const int32_t* const end = ragged_.read(descriptor, at, block_size, num_blocks_);
    if (end == nullptr) return nullptr;
    batch_.tokens = ragged_.tokens;
    batch_.sequences = ragged_.sequences;
    batch_.blocks_per_sequence = ragged_.blocks_per_sequence;
    batch_.block_size = block_size;
    batch_.seq = ragged_.seq.data();
    batch_.pos = ragged_.pos.data();
    batch_.slot = ragged_.slot;
    batch_.seq_start = ragged_.seq_start;
    batch_.context_len = ragged_.context_len;
    batch_.block_table = ragged_.block_table;
    batch_.token_blocks = ragged_.token_blocks.data();
    batch_.token_block_count = int(ragged_.token_blocks.size());
    batch_.fault = &fault_;
    return end;
  }

  const ProgramInfo& program_;
  std::vector<int32_t> capacities_;
  int num_blocks_;
  int blocks_per_sequence_;
  Pool pool_;
  Workshop shop_;
  std::vector<void*> table_;
  std::vector<Segments> segments_;
  std::vector<Mapping> owned_;
  /** Values that live in memory of the caller. */
  std::vector<bool> bound_;
  std::vector<uint64_t> filled_ = std::vector<uint64_t>(table_.size());
  std::vector<Mapping> converted_;
  std::vector<Mapping> files_;
  Mapping arena_;
  Mapping scratch_;
  Batch batch_;
  Fault fault_;
  Ragged<TokenBlock, TOKEN_BLOCK> ragged_;
  std::vector<int64_t> timings_;
  std::string allocation_error_;
  int64_t state_bytes_ = 0;
  int64_t launch_base_ = 0;
  int64_t steps_ = 0;
  int64_t nanoseconds_ = 0;
  /** The last member, so that its thread, which uses the others, ends before them. */
  Ring ring_;
};

inline void* tensor_alloc(uint64_t bytes) { return std::aligned_alloc(64, (bytes + 63) / 64 * 64); }
inline void tensor_free(void* tensor) { std::free(tensor); }
inline void tensor_copy(void* to, const void* from, uint64_t bytes) { std::memcpy(to, from, bytes); }

}  // namespace ws
