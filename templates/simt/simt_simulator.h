// The simulated GPU as its driver sees it.
#pragma once

#include <cstdint>
#include <mutex>

#include "simt_device.h"
#include "simt_kernels.h"
#include "simt_memory.h"
#include "simt_report.h"

namespace simt {

/** Dynamic shared memory that a block of sm_80 may have. */
inline constexpr uint32_t shared_capacity = 163 * 1024;

struct Grid {
  uint32_t blocks[3];
  uint32_t threads[3];
  uint32_t shared_bytes;
};

/** One launch, or one call of the driver, at a time. */
extern std::mutex gate;
extern DeviceMemory memory;

/** Runs every block, one after the other; stops at the first fault and returns it. */
Fault run(const Kernel& kernel, const Grid& grid, void* const* arguments);

}  // namespace simt
