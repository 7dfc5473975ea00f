// The driver API over the simulated GPU: copies and launches are done when they are asked for, so that streams have nothing to
// wait for; a captured stream keeps them in a list.
#include "lib/driver.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "lib/simt_simulator.h"

namespace simt {

using namespace ws;
using Work = std::function<CUresult()>;

struct Stream {
  bool captures = false;
  std::vector<Work> captured;
};

struct Event {
  std::chrono::steady_clock::time_point time;
};

namespace {

constexpr CUresult SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_FOUND = 500, FAULT = 1000;

/** Why the last launch failed; read by the thread that made it. */
thread_local Fault last_fault;

std::vector<Work>* work_of(CUgraph graph) { return reinterpret_cast<std::vector<Work>*>(graph); }
Stream& stream_of(CUstream stream) { return *reinterpret_cast<Stream*>(stream); }
Event& event_of(CUevent event) { return *reinterpret_cast<Event*>(event); }

CUresult now_or_captured(CUstream stream, Work work) {
  if (!stream_of(stream).captures) return work();
  stream_of(stream).captured.push_back(std::move(work));
  return SUCCESS;
}

/** Of either side; the device's has to lie within one allocation. */
CUresult copy(void* to, const void* from, size_t bytes) {
  const std::lock_guard<std::mutex> lock(gate);
  for (const uintptr_t side : {uintptr_t(to), uintptr_t(from)})
    if (memory.holds(side) && !memory.is_allocated(side, bytes)) return INVALID_VALUE;
  std::memcpy(to, from, bytes);
  return SUCCESS;
}

template <class T>
T* host(CUdeviceptr address) {
  return reinterpret_cast<T*>(uintptr_t(address));
}

CUresult cuInit(unsigned) { return SUCCESS; }
CUresult cuDriverGetVersion(int* version) { return *version = 12000, SUCCESS; }

CUresult cuGetErrorName(CUresult result, const char** name) {
  if (result == FAULT) *name = name_of(last_fault.kind);
  else *name = result == OUT_OF_MEMORY ? "out of memory" : result == NOT_FOUND ? "not found" : "invalid value";
  return SUCCESS;
}

CUresult cuGetErrorString(CUresult result, const char** text) {
  *text = result == FAULT ? last_fault.text.c_str() : "asked of the simulated GPU";
  return SUCCESS;
}

CUresult cuDeviceGetCount(int* count) { return *count = 1, SUCCESS; }
CUresult cuDeviceGet(CUdevice* device, int) { return *device = 0, SUCCESS; }

CUresult cuDeviceGetName(char* name, int length, CUdevice) {
  std::strncpy(name, "a simulated GPU", size_t(length));
  return SUCCESS;
}

CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice) {
  switch (attribute) {
    case ATTRIBUTE_MULTIPROCESSORS: *value = 2; return SUCCESS;
    case ATTRIBUTE_MAJOR: *value = 8; return SUCCESS;
    case ATTRIBUTE_MINOR: *value = 0; return SUCCESS;
    case ATTRIBUTE_SHARED_OPTIN: *value = shared_capacity; return SUCCESS;
    default: return INVALID_VALUE;
  }
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) { return *context = nullptr, SUCCESS; }
CUresult cuCtxSetCurrent(CUcontext) { return SUCCESS; }

/** The image is the table of kernels that a source was compiled to. */
CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  *module = reinterpret_cast<CUmodule>(const_cast<void*>(image));
  return SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  for (const Kernel* kernel = reinterpret_cast<const Kernel*>(module); kernel->name != nullptr; ++kernel)
    if (std::strcmp(kernel->name, name) == 0) {
      *function = reinterpret_cast<CUfunction>(const_cast<Kernel*>(kernel));
      return SUCCESS;
    }
  return NOT_FOUND;
}

CUresult cuFuncSetAttribute(CUfunction, int attribute, int value) {
  return attribute == FUNCTION_MAX_DYNAMIC_SHARED && uint32_t(value) > shared_capacity ? INVALID_VALUE : SUCCESS;
}

/** Attributes of a launch are Hopper's: none that this architecture is launched with. */
CUresult cuLaunchKernelEx(const LaunchConfig* config, CUfunction function, void** arguments, void**) {
  const Kernel& kernel = *reinterpret_cast<const Kernel*>(function);
  const Grid grid{{config->grid[0], config->grid[1], config->grid[2]},
                  {config->block[0], config->block[1], config->block[2]},
                  config->shared_bytes};
  if (uint64_t(grid.threads[0]) * grid.threads[1] * grid.threads[2] > most_threads || grid.shared_bytes > shared_capacity)
    return INVALID_VALUE;
  std::vector<std::vector<char>> values;
  for (size_t i = 0; i < kernel.argument_count; ++i) {
    const char* const value = static_cast<const char*>(arguments[i]);
    values.emplace_back(value, value + kernel.argument_bytes[i]);
  }
  return now_or_captured(config->stream, [&kernel, grid, values = std::move(values)] {
    std::vector<void*> places;
    for (const auto& value : values) places.push_back(const_cast<char*>(value.data()));
    const std::lock_guard<std::mutex> lock(gate);
    last_fault = run(kernel, grid, places.data());
    return last_fault.kind == FaultKind::none ? SUCCESS : FAULT;
  });
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  const std::lock_guard<std::mutex> lock(gate);
  *total = DeviceMemory::capacity;
  *free = DeviceMemory::capacity - memory.used();
  return SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  const std::lock_guard<std::mutex> lock(gate);
  *address = memory.allocate(bytes);
  return *address == 0 ? OUT_OF_MEMORY : SUCCESS;
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  const std::lock_guard<std::mutex> lock(gate);
  return address == 0 || memory.free(address) ? SUCCESS : INVALID_VALUE;
}

CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned) {
  *address = std::calloc(bytes, 1);
  return *address == nullptr ? OUT_OF_MEMORY : SUCCESS;
}

CUresult cuMemFreeHost(void* address) { return std::free(address), SUCCESS; }

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) { return copy(host<void>(to), host<void>(from), bytes); }

CUresult cuMemcpy2DAsync_v2(const CopyRows* rows, CUstream stream) {
  return now_or_captured(stream, [rows = *rows] {
    for (size_t row = 0; row < rows.height; ++row) {
      const CUdeviceptr to = rows.to_device + row * rows.to_pitch;
      const CUresult result =
          copy(host<void>(to), static_cast<const char*>(rows.from_host) + row * rows.from_pitch, rows.width_bytes);
      if (result != SUCCESS) return result;
    }
    return SUCCESS;
  });
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  return now_or_captured(stream, [=] { return copy(host<void>(to), from, bytes); });
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return now_or_captured(stream, [=] { return copy(to, host<void>(from), bytes); });
}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t bytes, CUstream stream) {
  return now_or_captured(stream, [=]() -> CUresult {
    const std::lock_guard<std::mutex> lock(gate);
    if (!memory.is_allocated(to, bytes)) return INVALID_VALUE;
    std::memset(host<void>(to), value, bytes);
    return SUCCESS;
  });
}

CUresult cuPointerGetAttributes(unsigned count, const int* asked, void** answers, CUdeviceptr address) {
  const std::lock_guard<std::mutex> lock(gate);
  for (unsigned i = 0; i < count; ++i)
    if (asked[i] == POINTER_MEMORY_TYPE) *static_cast<unsigned*>(answers[i]) = memory.holds(address) ? MEMORY_DEVICE : 0;
  return SUCCESS;
}

CUresult cuStreamCreate(CUstream* stream, unsigned) {
  *stream = reinterpret_cast<CUstream>(new Stream());
  return SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream stream) { return delete &stream_of(stream), SUCCESS; }
CUresult cuStreamSynchronize(CUstream) { return SUCCESS; }

CUresult cuStreamBeginCapture_v2(CUstream stream, unsigned) { return stream_of(stream).captures = true, SUCCESS; }

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  stream_of(stream).captures = false;
  *graph = reinterpret_cast<CUgraph>(new std::vector<Work>(std::exchange(stream_of(stream).captured, {})));
  return SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph graph, unsigned long long) {
  *executable = reinterpret_cast<CUgraphExec>(new std::vector<Work>(*work_of(graph)));
  return SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec executable, CUstream) {
  for (const Work& work : *reinterpret_cast<std::vector<Work>*>(executable)) {
    const CUresult result = work();
    if (result != SUCCESS) return result;
  }
  return SUCCESS;
}

CUresult cuGraphExecDestroy(CUgraphExec executable) { return delete reinterpret_cast<std::vector<Work>*>(executable), SUCCESS; }
CUresult cuGraphDestroy(CUgraph graph) { return delete work_of(graph), SUCCESS; }

CUresult cuEventCreate(CUevent* event, unsigned) {
  *event = reinterpret_cast<CUevent>(new Event());
  return SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent event) { return delete &event_of(event), SUCCESS; }

CUresult cuEventRecord(CUevent event, CUstream stream) {
  return now_or_captured(stream, [event] {
    event_of(event).time = std::chrono::steady_clock::now();
    return SUCCESS;
  });
}

CUresult cuEventQuery(CUevent) { return SUCCESS; }
CUresult cuEventSynchronize(CUevent) { return SUCCESS; }

CUresult cuEventElapsedTime(float* milliseconds, CUevent begin, CUevent end) {
  *milliseconds = std::chrono::duration<float, std::milli>(event_of(end).time - event_of(begin).time).count();
  return SUCCESS;
}

struct Entry {
  const char* name;
  void* function;
};

/** Of the prototypes that the host program calls them by. */
#define SIMT_ENTRY(name, parameters) {#name, reinterpret_cast<void*>(static_cast<CUresult(*) parameters>(name))},
const Entry entries[] = {WS_CUDA_FUNCTIONS(SIMT_ENTRY)};
#undef SIMT_ENTRY

}  // namespace

void* driver_function(const char* name) {
  for (const Entry& entry : entries)
    if (std::strcmp(entry.name, name) == 0) return entry.function;
  return nullptr;
}

void set_extent(uintptr_t address, uint64_t bytes, uint64_t room, const char* name) {
  const std::lock_guard<std::mutex> lock(gate);
  if (memory.holds(address)) memory.set_extent(address, bytes, room, name);
}

}  // namespace simt
