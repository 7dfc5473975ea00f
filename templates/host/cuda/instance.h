// An instance of a program on the GPU: its memory, its stream, and a step.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "describe_fault.h"
#include "descriptor.h"
#include "device_values.h"
#include "file_rows.h"
#include "graphs.h"
#include "launcher.h"
#include "memory.h"
#include "ring.h"

namespace ws {

class Instance {
 public:
  Instance(const ProgramInfo& program, int, const int32_t* capacities, int, int num_blocks)
      : device_(entered()), program_(program), capacities_(capacities, capacities + program.count_count), num_blocks_(num_blocks),
        values_(program, capacities_, int64_t(num_blocks) * block_size, stream_), launch_(program, stream_),
        fault_(sizeof(Fault)) {}
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() {
    // What the members free is freed in this context.
    device_.enter_to_clean_up();
    device_.driver.cuStreamSynchronize(stream_);
  }

  std::string error;

  /** What could not be had is thrown by the constructor. */
  std::string allocation_error() const { return {}; }

  int32_t map_file(const char* path) {
    Mapping mapping = Mapping::of_file(path);
    if (mapping.data() == nullptr) return fail(std::string("cannot map ") + path);
    files_.push_back(std::move(mapping));
    return int32_t(files_.size() - 1);
  }

  int32_t load_weight(int32_t value, int32_t rows, int32_t columns, const ws_file_rows& from, const int32_t* order) {
    if (!values_.is_value(value) || from.file < 0 || size_t(from.file) >= files_.size()) return fail("no such value or file");
    const FileRows source = rows_of(files_[size_t(from.file)], from, order);
    if (!source.fit(rows, columns, bytes_behind(files_[size_t(from.file)], from)))
      return fail(std::string(values_.info(value).name) + ": rows beyond the end of the file");
    device_.enter();
    values_.load_rows(value, rows, columns, source);
    return 0;
  }

  int32_t bind(int32_t value, void* data) {
    if (!values_.is_value(value)) return fail("no such value");
    device_.enter();
    values_.bind(value, data);
    graphs_.clear();
    return 0;
  }

  int32_t write(int32_t value, uint64_t offset, const void* data, uint64_t size) {
    if (!has_memory(value) || offset + size > values_.bytes(value)) return fail("a write outside the value's memory");
    device_.enter();
    values_.write(value, offset, data, size);
    return 0;
  }

  int32_t read(int32_t value, uint64_t offset, void* data, uint64_t size) {
    if (!has_memory(value) || offset + size > values_.bytes(value)) return fail("a read outside the value's memory");
    device_.enter();
    values_.read(value, offset, data, size);
    return 0;
  }

  int64_t submit(const int32_t* descriptor) {
    device_.enter();
    if (!failure_.empty()) return fail(failure_);
    Slot& slot = ring().take();
    slot.started = std::chrono::steady_clock::now();
    const int32_t* const counts = descriptor + descriptor_header;
    if (!begin(descriptor, true, slot.batch)) return -1;
    try {
      if (launch_.times() || launch_.waits_always()) run(counts);
      else run_as_graph(descriptor, counts);
    } catch (const std::exception& failure) {
      return fail_for_good(failure.what());
    }
    if (launch_.failed() >= 0) return fail_for_good(launch_.error());
    values_.copy_results(counts, slot.results);
    if (checked) {
      if (slot.fault.data() == nullptr) slot.fault = PinnedMemory(sizeof(Fault));
      stream_.copy_out(slot.fault.data(), fault_.address(), sizeof(Fault), "reading a fault");
    }
    slot.is_cancelled = launch_.stopped();
    slot.is_counted = false;
    if (launch_.times()) {
      stream_.wait("timing a step");
      launch_.add_times(timings_);
    }
    return ring().submit();
  }

  /** Uses nothing that the thread that submits may write. */
  void wait(int64_t ticket) {
    if (ring_ == nullptr || !ring_->holds(ticket)) return;
    device_.enter_to_clean_up();
    device_.driver.cuEventSynchronize(ring_->slot(ticket).ended);
  }

  int32_t poll(int64_t ticket) {
    device_.enter();
    if (ring_ == nullptr || !ring_->holds(ticket)) return fail("step " + std::to_string(ticket) + " is not in the ring");
    if (!failure_.empty()) return fail(failure_);
    Slot& slot = ring_->slot(ticket);
    const CUresult end = device_.driver.cuEventQuery(slot.ended);
    if (end == NOT_READY) return 1;
    if (end != 0) return fail_for_good(failed_step(end));
    if (!slot.is_counted) count(slot);
    if (checked) {
      const Fault& fault = *reinterpret_cast<const Fault*>(slot.fault.data());
      if (fault.taken != 0) return fail(describe_fault(fault));
    }
    return slot.is_cancelled ? -2 : 0;
  }

  /** The ticket, or how it failed. */
  int64_t step(const int32_t* descriptor) {
    const int64_t ticket = submit(descriptor);
    if (ticket < 0) return ticket;
    wait(ticket);
    const int32_t status = poll(ticket);
    return status == 0 ? ticket : status;
  }

  /** With every input bound: 0, -1 with `error`, or -2 if it was cancelled. */
  int32_t launch(const int32_t* descriptor) {
    const auto started = std::chrono::steady_clock::now();
    device_.enter();
    const int32_t* const counts = descriptor + descriptor_header;
    if (!begin(descriptor, false, batch_)) return -1;
    run(counts);
    values_.copy_bound_out(counts);
    const CUresult end = device_.driver.cuStreamSynchronize(stream_);
    if (launch_.failed() >= 0) return fail(launch_.error());
    if (end != 0) return fail(failed_step(end));
    if (launch_.times()) launch_.add_times(timings_);
    ++steps_;
    nanoseconds_ += nanoseconds_since(started);
    if (checked) {
      Fault fault = {};
      stream_.copy_out(&fault, fault_.address(), sizeof fault, "reading a fault");
      stream_.wait("reading a fault");
      if (fault.taken != 0) return fail(describe_fault(fault));
    }
    return launch_.stopped() ? -2 : 0;
  }

  /** Null for what the slots of the ring do not keep. */
  void* result(int32_t slot, int32_t value) {
    if (slot < 0 || slot >= WS_RING_SLOTS || !values_.is_value(value) || !values_.is_kept(value)) return nullptr;
    device_.enter();
    return values_.result(value, ring().slot(slot).results);
  }

  void cancel() { launch_.cancelled.store(true, std::memory_order_relaxed); }

  /** The place in the program whose kernel failed last, or -1. */
  int32_t failed_launch() const { return launch_.failed(); }

  void capacity(int64_t* numbers) const {
    numbers[0] = 0;
    numbers[1] = int64_t(values_.arena_bytes);
    numbers[2] = int64_t(launch_.workspace_bytes());
    numbers[3] = values_.state_bytes;
  }

  void stats(int64_t* numbers) const {
    numbers[0] = steps_;
    numbers[1] = launch_.launches;
    numbers[2] = nanoseconds_;
  }

  void timings(bool on, int64_t* numbers) {
    device_.enter();
    stream_.wait("timing");
    if (numbers != nullptr && !timings_.empty()) std::copy(timings_.begin(), timings_.end(), numbers);
    timings_.assign(on ? size_t(program_.launch_count) : 0, 0);
    launch_.time(on);
  }

 private:
  static const Device& entered() {
    const Device& device = Device::get();
    device.enter();
    return device;
  }

  int32_t fail(std::string message) {
    error = std::move(message);
    return -1;
  }

  /** The device failed at a step: what it left in the states is unknown, so that no later step would mean anything. */
  int32_t fail_for_good(std::string message) {
    failure_ = message;
    return fail(std::move(message));
  }

  std::string failed_step(CUresult end) const {
    return "a kernel of the step failed: " + device_.driver.describe(end) +
           " (with WARPSMITH_SYNC=1 in the environment the message names it)";
  }

  static int64_t nanoseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start).count();
  }

  /** Made for the first packed step: single operators need no pinned memory. */
  Ring& ring() {
    if (ring_ == nullptr) ring_ = std::make_unique<Ring>(stream_);
    return *ring_;
  }

  /** Counts a step that has ended; the time that it shared with the one before it is that one's. */
  void count(Slot& slot) {
    slot.is_counted = true;
    ++steps_;
    nanoseconds_ += nanoseconds_since(std::max(slot.started, last_end_));
    last_end_ = std::chrono::steady_clock::now();
  }

  /** All of a step before its first kernel, on the stream; `batch`: see DeviceDescriptor::upload. False with `error`. */
  bool begin(const int32_t* descriptor, bool packed, PinnedMemory& batch) {
    const int32_t* const counts = descriptor + descriptor_header;
    for (int32_t i = 0; i < program_.count_count; ++i)
      if (counts[i] < 0 || counts[i] > capacities_[size_t(i)]) return fail("count " + std::to_string(i) + " exceeds its capacity") == 0;
    if (!place(descriptor, packed, batch)) return false;
    for (int32_t i = 0; i < program_.value_count; ++i)
      if (values_.table()[i] == nullptr && values_.bytes(i, counts) > 0)
        return fail(std::string(values_.info(i).name) + " has no data") == 0;
    values_.tell_extents(counts);
    values_.copy_bound_in(counts);
    if (checked) stream_.clear(fault_.address(), sizeof(Fault), "starting a step");
    launch_.cancelled.store(false, std::memory_order_relaxed);
    launch_.begin(!packed);
    return true;
  }

  bool has_memory(int32_t value) const { return values_.is_value(value) && values_.table()[value] != nullptr; }

  /** Sends the batch, and the inputs of a packed descriptor, to the device. False with `error` for a descriptor that is none. */
  bool place(const int32_t* descriptor, bool packed, PinnedMemory& batch) {
    const int32_t* const counts = descriptor + descriptor_header;
    const int32_t* at = descriptor_.read(descriptor, counts + program_.count_count, num_blocks_);
    if (at == nullptr) return fail(descriptor_.error()) == 0;
    std::vector<std::pair<int32_t, uint64_t>> inputs;
    if (packed)
      for (int32_t i = 0; i < program_.value_count; ++i) {
        if (values_.info(i).kind != Kind::input) continue;
        const uint64_t words = values_.bytes(i, counts) / 4;
        inputs.emplace_back(i, descriptor_.add_words(at, words, values_.info(i).name));
        at += words;
      }
    if (at != descriptor + descriptor[0]) return fail("the descriptor's length does not fit its counts") == 0;
    if (descriptor_.upload(stream_, batch)) graphs_.clear();
    for (const auto& [value, offset] : inputs) values_.place_input(value, descriptor_.address<const void>(offset));
    return true;
  }

  void run(const int32_t* counts) {
    program_.run(launch_, descriptor_.batch(reinterpret_cast<Fault*>(fault_.address())), values_.table(), counts);
  }

  /** The first step of a shape is launched kernel by kernel, the second captured as it is launched, later ones replayed. */
  void run_as_graph(const int32_t* descriptor, const int32_t* counts) {
    StepShape shape(descriptor + 1, counts + program_.count_count);
    shape.push_back(descriptor_.tokens());
    shape.push_back(descriptor_.token_blocks());
    shape.push_back(descriptor_.lone_tokens());
    if (graphs_version_ != launch_.workspace_version) graphs_.clear();
    graphs_version_ = launch_.workspace_version;
    Graphs::Graph& graph = graphs_.of(shape);
    if (graph.executable == nullptr) {
      const bool first = graph.launches == 0;
      const int64_t before = launch_.launches;
      if (first) run(counts);
      else capture(counts, graph);
      graph.launches = launch_.launches - before;
    } else {
      launch_.launches += graph.launches;
    }
    if (graph.executable != nullptr) device_.driver.check(device_.driver.cuGraphLaunch(graph.executable, stream_), "launching a step");
  }

  void capture(const int32_t* counts, Graphs::Graph& graph) {
    const Driver& driver = device_.driver;
    driver.check(driver.cuStreamBeginCapture_v2(stream_, CAPTURE_THREAD_LOCAL), "capturing a step");
    run(counts);
    CUgraph captured = nullptr;
    driver.check(driver.cuStreamEndCapture(stream_, &captured), "capturing a step");
    const bool whole = launch_.failed() < 0 && !launch_.stopped();
    const CUresult result = whole ? driver.cuGraphInstantiateWithFlags(&graph.executable, captured, 0) : 0;
    driver.cuGraphDestroy(captured);
    driver.check(result, "making a graph of a step");
  }

  const Device& device_;
  const ProgramInfo& program_;
  const std::vector<int32_t> capacities_;
  const int num_blocks_;
  const Stream stream_;
  DeviceValues values_;
  Launcher launch_;
  DeviceMemory fault_;
  DeviceDescriptor descriptor_;
  /** Of single operators. */
  PinnedMemory batch_;
  std::unique_ptr<Ring> ring_;
  /** Why no step is taken any more, if so. */
  std::string failure_;
  Graphs graphs_;
  int64_t graphs_version_ = 0;
  std::vector<Mapping> files_;
  std::vector<int64_t> timings_;
  int64_t steps_ = 0;
  int64_t nanoseconds_ = 0;
  std::chrono::steady_clock::time_point last_end_;
};

inline void* tensor_alloc(uint64_t bytes) {
  Device::get().enter();
  return reinterpret_cast<void*>(Device::get().allocate(bytes));
}

inline void tensor_free(void* tensor) { Device::get().driver.cuMemFree_v2(CUdeviceptr(uintptr_t(tensor))); }

/** Host and device have one address space, so that the driver knows which is which. */
inline void tensor_copy(void* to, const void* from, uint64_t bytes) {
  const Driver& driver = Device::get().driver;
  Device::get().enter();
  driver.check(driver.cuMemcpy(CUdeviceptr(uintptr_t(to)), CUdeviceptr(uintptr_t(from)), bytes), "copying a tensor");
}

}  // namespace ws
