// As templates/host/cuda/driver_library.h says, with the simulated GPU in the place of the driver.
#pragma once

#include <cstdint>

#include "simt_driver.h"

namespace ws {

class DriverLibrary {
 public:
  void* function(const char* name) const { return simt::driver_function(name); }
};

inline void tell_extent(uint64_t address, uint64_t bytes, uint64_t room, const char* name) {
  if (address != 0) simt::set_extent(address, bytes, room, name);
}

}  // namespace ws
