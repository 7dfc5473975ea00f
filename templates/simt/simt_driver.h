// The functions of the CUDA driver, by the simulated GPU.
#pragma once

#include <cstdint>

namespace simt {

/** Null where the simulator has none of this name. */
void* driver_function(const char* name);

/** Makes the first `bytes` of [address, address + room) a tensor of its own: what reaches the rest is a fault. */
void set_extent(uintptr_t address, uint64_t bytes, uint64_t room, const char* name);

}  // namespace simt
