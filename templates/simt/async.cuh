// As templates/cuda/lib/async.cuh says, on the simulated GPU: a copy lands at its wait and not before.
#pragma once

#include <cstdint>

#include "target.cuh"

namespace ws {

WS_DEVICE void copy_16_async(void* to, const void* from, bool valid) { simt::start_copy(to, from, valid); }

WS_DEVICE void commit_copies() { simt::commit_copies(); }

template <int pending>
WS_DEVICE void wait_for_copies() {
  simt::wait_for_copies(pending);
}

WS_DEVICE uint4 load_16(const void* from) {
  simt::check_alignment(from, 16);
  return *static_cast<const uint4*>(from);
}

WS_DEVICE uint4 load_16_once(const void* from) { return load_16(from); }

}  // namespace ws
