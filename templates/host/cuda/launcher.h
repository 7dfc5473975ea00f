// Launches the kernels of a step on a stream, counts and times them, and keeps the first failure with the kernel's name.
#pragma once

#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include "device.h"

namespace ws {

class Launcher {
 public:
  Launcher(const ProgramInfo& program, const Stream& stream)
      : device_(Device::get()), program_(program), stream_(stream), waits_always_(std::getenv("WARPSMITH_SYNC") != nullptr) {}
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;
  ~Launcher() {
    for (CUevent event : events_) device_.driver.cuEventDestroy_v2(event);
  }

  /**
   * Launches place `index` of the program, one of `kernel`'s, on a grid of `grid` blocks; no blocks, no launch. `arguments` are
   * the kernel's own, of its parameters' sizes.
   */
  template <class... Arguments>
  void operator()(int index, int kernel, int64_t grid, unsigned block, unsigned shared_bytes, Arguments... arguments) {
    if (grid <= 0 || failed_ >= 0 || stopped_) return;
    if (cancelled.load(std::memory_order_relaxed)) {
      stopped_ = true;
      return;
    }
    void* places[] = {&arguments...};
    record(2 * index);
    const CUresult result = launch(kernel, unsigned(grid), block, shared_bytes, places);
    record(2 * index + 1);
    ++launches;
    if (result != 0) return fail(index, result);
    ran_[size_t(index)] = true;
    if (!waits_) return;
    const CUresult end = device_.driver.cuStreamSynchronize(stream_);
    if (end != 0) fail(index, end);
  }

  /** Device memory of at least so many bytes; its contents last until another kernel asks. */
  void* workspace(int64_t bytes) {
    if (bytes > int64_t(workspace_.bytes())) {
      stream_.wait("waiting for the GPU");
      workspace_ = DeviceMemory();
      workspace_ = DeviceMemory(uint64_t(bytes));
      ++workspace_version;
    }
    return reinterpret_cast<void*>(workspace_.address());
  }

  /** Before the kernels of a step. `waits`: for each kernel to end before the next, so that a fault names its own. */
  void begin(bool waits) {
    waits_ = waits || waits_always_;
    failed_ = -1;
    stopped_ = false;
    ran_.assign(size_t(program_.launch_count), false);
  }

  bool waits_always() const { return waits_always_; }
  bool times() const { return !events_.empty(); }
  bool stopped() const { return stopped_; }
  uint64_t workspace_bytes() const { return workspace_.bytes(); }
  /** The place whose kernel failed, or -1. */
  int failed() const { return failed_; }
  const std::string& error() const { return error_; }

  void time(bool on) {
    for (CUevent event : events_) device_.driver.cuEventDestroy_v2(event);
    events_.assign(on ? 2 * size_t(program_.launch_count) : 0, nullptr);
    for (CUevent& event : events_) device_.driver.check(device_.driver.cuEventCreate(&event, EVENT_DEFAULT), "timing");
  }

  /** Adds the nanoseconds of a step that has ended, by place. */
  void add_times(std::vector<int64_t>& nanoseconds) const {
    for (size_t index = 0; index < ran_.size(); ++index) {
      float milliseconds = 0.0f;
      if (ran_[index] && device_.driver.cuEventElapsedTime(&milliseconds, events_[2 * index], events_[2 * index + 1]) == 0)
        nanoseconds[index] += int64_t(double(milliseconds) * 1e6);
    }
  }

  int64_t launches = 0;
  /** Grows when the workspace moves: a captured graph that used the old one is void. */
  int64_t workspace_version = 0;
  /** Set from outside, at any time. */
  std::atomic<bool> cancelled{false};

 private:
  /** With what the device knows of: clusters, and a start before earlier kernels have ended, for which every kernel itself waits. */
  CUresult launch(int kernel, unsigned grid, unsigned block, unsigned shared_bytes, void** arguments) const {
    const KernelInfo& info = kernels[kernel];
    LaunchAttribute attributes[2] = {};
    unsigned count = 0;
    if (device_.is_hopper()) {
      attributes[count].id = LAUNCH_OVERLAPS_EARLIER;
      attributes[count++].value[0] = 1;
      if (info.cluster_blocks > 0) {
        attributes[count].id = LAUNCH_CLUSTER;
        unsigned(&cluster)[16] = attributes[count++].value;
        cluster[0] = unsigned(info.cluster_blocks);
        cluster[1] = cluster[2] = 1;
        grid *= unsigned(info.cluster_blocks);
        block = unsigned(info.cluster_threads);
      }
    }
    const LaunchConfig config = {{grid, 1, 1}, {block, 1, 1}, shared_bytes, stream_, attributes, count};
    return device_.driver.cuLaunchKernelEx(&config, device_.function(kernel), arguments, nullptr);
  }

  void record(int event) {
    if (!events_.empty()) device_.driver.cuEventRecord(events_[size_t(event)], stream_);
  }

  void fail(int index, CUresult result) {
    const LaunchInfo& launch = program_.launches[index];
    failed_ = index;
    error_ = std::string("kernel ") + kernels[launch.kernel].name + " (" + launch.anchors +
             (*launch.label != 0 ? std::string(" in ") + launch.label : "") + ") failed: " + device_.driver.describe(result);
  }

  const Device& device_;
  const ProgramInfo& program_;
  const Stream& stream_;
  const bool waits_always_;
  bool waits_ = false;
  bool stopped_ = false;
  int failed_ = -1;
  std::string error_;
  DeviceMemory workspace_;
  std::vector<CUevent> events_;
  std::vector<bool> ran_;
};

}  // namespace ws
