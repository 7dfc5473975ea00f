// Where the functions of the driver come from: libcuda.so.1 of this machine.
#pragma once

#include <dlfcn.h>

#include <cstdint>
#include <stdexcept>

namespace ws {

class DriverLibrary {
 public:
  DriverLibrary() : library_(dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr)
      throw std::runtime_error("this engine runs on an NVIDIA GPU, and the driver's library libcuda.so.1 was not found here");
  }

  /** Null where the driver has none of this name. */
  void* function(const char* name) const { return dlsym(library_, name); }

 private:
  void* const library_;
};

/**
 * Says that the first `bytes` of [address, address + room) are a value called `name` in this step. A GPU does not ask; the
 * simulated one lets nothing touch the rest.
 */
inline void tell_extent(uint64_t, uint64_t, uint64_t, const char*) {}

}  // namespace ws
