// The CUDA driver API, as far as it is used, opened at run time: a library that holds CUDA kernels loads on any machine.
// Prototypes are written by hand after cuda.h, whose names and numbers they keep; no header of CUDA is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "driver_library.h"

namespace ws {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct CUctx_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using CUstream = struct CUstream_st*;
using CUevent = struct CUevent_st*;
using CUgraph = struct CUgraph_st*;
using CUgraphExec = struct CUgraphExec_st*;

/** The rows of a matrix in host memory, to device memory (CUDA_MEMCPY2D). */
struct CopyRows {
  size_t from_x, from_y;
  unsigned from_kind;
  const void* from_host;
  CUdeviceptr from_device;
  void* from_array;
  size_t from_pitch;
  size_t to_x, to_y;
  unsigned to_kind;
  void* to_host;
  CUdeviceptr to_device;
  void* to_array;
  size_t to_pitch;
  size_t width_bytes, height;
};

/** One property of a launch (CUlaunchAttribute): a union of 64 bytes behind its number. */
struct LaunchAttribute {
  int id;
  alignas(8) unsigned value[16];
};

/** How a kernel is launched (CUlaunchConfig). */
struct LaunchConfig {
  unsigned grid[3];
  unsigned block[3];
  unsigned shared_bytes;
  CUstream stream;
  LaunchAttribute* attributes;
  unsigned attribute_count;
};

inline constexpr int LAUNCH_CLUSTER = 4, LAUNCH_OVERLAPS_EARLIER = 6;
inline constexpr unsigned MEMORY_HOST = 1, MEMORY_DEVICE = 2;
inline constexpr int ATTRIBUTE_MULTIPROCESSORS = 16, ATTRIBUTE_MAJOR = 75, ATTRIBUTE_MINOR = 76, ATTRIBUTE_SHARED_OPTIN = 97;
inline constexpr int FUNCTION_MAX_DYNAMIC_SHARED = 8, FUNCTION_ANY_CLUSTER = 14;
inline constexpr unsigned STREAM_NON_BLOCKING = 1, EVENT_DEFAULT = 0, CAPTURE_THREAD_LOCAL = 1, HOST_PORTABLE = 1;
inline constexpr int POINTER_MEMORY_TYPE = 2;
inline constexpr CUresult NOT_READY = 600;

/** Functions of libcuda.so.1 under their names there; the versions are those that cuda.h maps the plain names to. */
#define WS_CUDA_FUNCTIONS(F)                                                                                              \
  F(cuInit, (unsigned))                                                                                                   \
  F(cuDriverGetVersion, (int*))                                                                                           \
  F(cuGetErrorName, (CUresult, const char**))                                                                             \
  F(cuGetErrorString, (CUresult, const char**))                                                                           \
  F(cuDeviceGetCount, (int*))                                                                                             \
  F(cuDeviceGet, (CUdevice*, int))                                                                                        \
  F(cuDeviceGetName, (char*, int, CUdevice))                                                                              \
  F(cuDeviceGetAttribute, (int*, int, CUdevice))                                                                          \
  F(cuDevicePrimaryCtxRetain, (CUcontext*, CUdevice))                                                                     \
  F(cuCtxSetCurrent, (CUcontext))                                                                                         \
  F(cuModuleLoadData, (CUmodule*, const void*))                                                                           \
  F(cuModuleGetFunction, (CUfunction*, CUmodule, const char*))                                                            \
  F(cuFuncSetAttribute, (CUfunction, int, int))                                                                           \
  F(cuLaunchKernelEx, (const LaunchConfig*, CUfunction, void**, void**))                                                  \
  F(cuMemGetInfo_v2, (size_t*, size_t*))                                                                                  \
  F(cuMemAlloc_v2, (CUdeviceptr*, size_t))                                                                                \
  F(cuMemFree_v2, (CUdeviceptr))                                                                                          \
  F(cuMemHostAlloc, (void**, size_t, unsigned))                                                                           \
  F(cuMemFreeHost, (void*))                                                                                               \
  F(cuMemcpy, (CUdeviceptr, CUdeviceptr, size_t))                                                                         \
  F(cuMemcpy2DAsync_v2, (const CopyRows*, CUstream))                                                                      \
  F(cuMemcpyHtoDAsync_v2, (CUdeviceptr, const void*, size_t, CUstream))                                                   \
  F(cuMemcpyDtoHAsync_v2, (void*, CUdeviceptr, size_t, CUstream))                                                         \
  F(cuMemsetD8Async, (CUdeviceptr, unsigned char, size_t, CUstream))                                                      \
  F(cuPointerGetAttributes, (unsigned, const int*, void**, CUdeviceptr))                                                  \
  F(cuStreamCreate, (CUstream*, unsigned))                                                                                \
  F(cuStreamDestroy_v2, (CUstream))                                                                                       \
  F(cuStreamSynchronize, (CUstream))                                                                                      \
  F(cuStreamBeginCapture_v2, (CUstream, unsigned))                                                                        \
  F(cuStreamEndCapture, (CUstream, CUgraph*))                                                                             \
  F(cuGraphInstantiateWithFlags, (CUgraphExec*, CUgraph, unsigned long long))                                             \
  F(cuGraphLaunch, (CUgraphExec, CUstream))                                                                               \
  F(cuGraphExecDestroy, (CUgraphExec))                                                                                    \
  F(cuGraphDestroy, (CUgraph))                                                                                            \
  F(cuEventCreate, (CUevent*, unsigned))                                                                                  \
  F(cuEventDestroy_v2, (CUevent))                                                                                         \
  F(cuEventRecord, (CUevent, CUstream))                                                                                   \
  F(cuEventQuery, (CUevent))                                                                                              \
  F(cuEventSynchronize, (CUevent))                                                                                        \
  F(cuEventElapsedTime, (float*, CUevent, CUevent))

/** The functions, each a pointer. Throws where the driver is missing or too old, with what to do. */
struct Driver {
#define WS_DECLARE(name, parameters) CUresult(*name) parameters = nullptr;
  WS_CUDA_FUNCTIONS(WS_DECLARE)
#undef WS_DECLARE

  Driver() {
    const DriverLibrary library;
#define WS_OPEN(name, parameters) open(library, #name, name);
    WS_CUDA_FUNCTIONS(WS_OPEN)
#undef WS_OPEN
  }

  /** `CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered`. */
  std::string describe(CUresult result) const {
    const char* name = nullptr;
    const char* text = nullptr;
    cuGetErrorName(result, &name);
    cuGetErrorString(result, &text);
    return std::string(name != nullptr ? name : "unknown error") + (text != nullptr ? std::string(": ") + text : "");
  }

  /** Throws unless `result` is success. `what` says what was tried. */
  void check(CUresult result, const char* what) const {
    if (result != 0) throw std::runtime_error(std::string(what) + " failed: " + describe(result));
  }

 private:
  template <class Function>
  static void open(const DriverLibrary& library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(library.function(name));
    if (function == nullptr)
      throw std::runtime_error(std::string("the NVIDIA driver of this machine has no ") + name + ": it is older than CUDA 12");
  }
};

}  // namespace ws
