// The GPU of this process: its context and the functions of the library's kernels, loaded once and kept until the end.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "driver.h"
#include "program.h"

namespace ws {

class Device {
 public:
  /** The device that CUDA lists first (CUDA_VISIBLE_DEVICES chooses). Throws with what is missing. */
  static Device& get() {
    // Never destroyed: at the end of the process the driver may already be gone.
    static Device* const device = new Device();
    return *device;
  }

  const Driver driver;

  /** To be called on every thread before it uses the driver. */
  void enter() const { driver.check(driver.cuCtxSetCurrent(context_), "entering the CUDA context"); }
  /** As `enter`, where an error can no longer be told. */
  void enter_to_clean_up() const { driver.cuCtxSetCurrent(context_); }

  CUfunction function(int kernel) const { return functions_[size_t(kernel)]; }

  int multiprocessors() const { return multiprocessors_; }

  /** Whether the kernels that were loaded know clusters and programmatic dependent launch. */
  bool is_hopper() const { return architecture_ >= 90; }

  /** Whether `memory` is the device's; of memory that it does not know the driver says nothing, which is no error. */
  bool owns(const void* memory) const {
    const int asked[] = {POINTER_MEMORY_TYPE};
    unsigned kind = 0;
    void* answers[] = {&kind};
    return driver.cuPointerGetAttributes(1, asked, answers, CUdeviceptr(uintptr_t(memory))) == 0 && kind == MEMORY_DEVICE;
  }

  /** Throws with what is free where there is not enough. */
  CUdeviceptr allocate(uint64_t bytes) const {
    CUdeviceptr memory = 0;
    if (bytes == 0) return memory;
    const CUresult result = driver.cuMemAlloc_v2(&memory, bytes);
    if (result == 0) return memory;
    size_t free = 0, total = 0;
    driver.cuMemGetInfo_v2(&free, &total);
    throw std::runtime_error("no GPU memory for " + std::to_string(bytes) + " bytes, " + std::to_string(free) + " of " +
                             std::to_string(total) + " are free: " + driver.describe(result));
  }

 private:
  Device() {
    driver.check(driver.cuInit(0), "starting CUDA");
    int count = 0;
    driver.check(driver.cuDeviceGetCount(&count), "counting GPUs");
    if (count == 0) throw std::runtime_error("CUDA finds no GPU on this machine");
    CUdevice device = 0;
    driver.check(driver.cuDeviceGet(&device, 0), "opening the GPU");
    driver.check(driver.cuDeviceGetAttribute(&multiprocessors_, ATTRIBUTE_MULTIPROCESSORS, device), "asking the GPU");
    driver.check(driver.cuDevicePrimaryCtxRetain(&context_, device), "making a CUDA context");
    enter();
    load(device);
  }

  void load(CUdevice device) {
    int major = 0, minor = 0;
    driver.check(driver.cuDeviceGetAttribute(&major, ATTRIBUTE_MAJOR, device), "asking the GPU");
    driver.check(driver.cuDeviceGetAttribute(&minor, ATTRIBUTE_MINOR, device), "asking the GPU");
    architecture_ = best(major, minor);
    if (architecture_ == 0) throw std::runtime_error(unfit(device, major, minor));
    std::vector<CUmodule> modules(static_cast<size_t>(source_count));
    for (int32_t i = 0; i < cubin_count; ++i)
      if (cubins[i].architecture == architecture_)
        driver.check(driver.cuModuleLoadData(&modules[size_t(cubins[i].source)], cubins[i].begin), "loading kernels");
    functions_.resize(size_t(kernel_count));
    for (int32_t i = 0; i < kernel_count; ++i) {
      const KernelInfo& kernel = kernels[i];
      CUfunction& function = functions_[size_t(i)];
      driver.check(driver.cuModuleGetFunction(&function, modules[size_t(kernel.source)], kernel.name), kernel.name);
      if (kernel.shared_bytes > 48 * 1024)
        driver.check(driver.cuFuncSetAttribute(function, FUNCTION_MAX_DYNAMIC_SHARED, kernel.shared_bytes), kernel.name);
      if (is_hopper() && kernel.cluster_blocks > portable_cluster)
        driver.check(driver.cuFuncSetAttribute(function, FUNCTION_ANY_CLUSTER, 1), kernel.name);
    }
  }

  /** The newest architecture in the library that runs on this one; 0 if none does. */
  static int best(int major, int minor) {
    int found = 0;
    for (int32_t i = 0; i < cubin_count; ++i) {
      const Cubin& cubin = cubins[i];
      const bool fits = cubin.architecture / 10 == major &&
                        (cubin.exact ? cubin.architecture % 10 == minor : cubin.architecture % 10 <= minor);
      if (fits && cubin.architecture > found) found = cubin.architecture;
    }
    return found;
  }

  std::string unfit(CUdevice device, int major, int minor) const {
    char name[128] = "this GPU";
    driver.cuDeviceGetName(name, sizeof name, device);
    std::string built;
    for (int32_t i = 0; i < cubin_count; ++i) {
      if (cubins[i].source != 0) continue;
      built += (built.empty() ? "sm_" : ", sm_") + std::to_string(cubins[i].architecture) + (cubins[i].exact ? "a" : "");
    }
    const std::string wanted = "sm_" + std::to_string(major) + std::to_string(minor);
    return std::string("the engine was built for ") + built + ", and " + name + " is " + wanted;
  }

  /** Blocks of a cluster that every GPU with clusters runs. */
  static constexpr int portable_cluster = 8;

  CUcontext context_ = nullptr;
  int multiprocessors_ = 0;
  int architecture_ = 0;
  std::vector<CUfunction> functions_;
};

/**
 * A stream with an owner, and the copies along it. Everything that an instance does goes along its stream: copies of the default
 * stream may still be under way when a kernel of another stream begins.
 */
class Stream {
 public:
  Stream() { driver_.check(driver_.cuStreamCreate(&stream_, STREAM_NON_BLOCKING), "making a stream"); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { driver_.cuStreamDestroy_v2(stream_); }

  operator CUstream() const { return stream_; }

  void wait(const char* what) const { driver_.check(driver_.cuStreamSynchronize(stream_), what); }

  void copy_in(CUdeviceptr to, const void* from, uint64_t bytes, const char* what) const {
    if (bytes > 0) driver_.check(driver_.cuMemcpyHtoDAsync_v2(to, from, bytes, stream_), what);
  }

  void copy_out(void* to, CUdeviceptr from, uint64_t bytes, const char* what) const {
    if (bytes > 0) driver_.check(driver_.cuMemcpyDtoHAsync_v2(to, from, bytes, stream_), what);
  }

  void clear(CUdeviceptr memory, uint64_t bytes, const char* what) const {
    if (bytes > 0) driver_.check(driver_.cuMemsetD8Async(memory, 0, bytes, stream_), what);
  }

 private:
  const Driver& driver_ = Device::get().driver;
  CUstream stream_ = nullptr;
};

/** Device memory with an owner. */
class DeviceMemory {
 public:
  DeviceMemory() = default;
  explicit DeviceMemory(uint64_t bytes) : memory_(Device::get().allocate(bytes)), bytes_(bytes) {}
  DeviceMemory(DeviceMemory&& other) noexcept { *this = static_cast<DeviceMemory&&>(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~DeviceMemory() {
    if (memory_ != 0) Device::get().driver.cuMemFree_v2(memory_);
  }

  CUdeviceptr address() const { return memory_; }
  uint64_t bytes() const { return bytes_; }

 private:
  CUdeviceptr memory_ = 0;
  uint64_t bytes_ = 0;
};

/** Host memory that the GPU copies from and to without a stop between, with an owner. */
class PinnedMemory {
 public:
  PinnedMemory() = default;
  explicit PinnedMemory(uint64_t bytes) : bytes_(bytes) {
    const Driver& driver = Device::get().driver;
    if (bytes > 0) driver.check(driver.cuMemHostAlloc(&memory_, bytes, HOST_PORTABLE), "taking pinned memory");
  }
  PinnedMemory(PinnedMemory&& other) noexcept { *this = static_cast<PinnedMemory&&>(other); }
  PinnedMemory& operator=(PinnedMemory&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~PinnedMemory() {
    if (memory_ != nullptr) Device::get().driver.cuMemFreeHost(memory_);
  }

  char* data() const { return static_cast<char*>(memory_); }
  uint64_t bytes() const { return bytes_; }

 private:
  void* memory_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace ws
