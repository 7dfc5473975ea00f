// Programmatic dependent launch: a kernel may start while the one before it drains, and reads what that one wrote only behind
// `wait_for_earlier_kernels`. Without the launch attribute, and before sm_90, both calls do nothing and nothing overlaps.
#pragma once

#include "target.cuh"

namespace ws {

WS_DEVICE void wait_for_earlier_kernels() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

WS_DEVICE void let_later_kernels_start() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

}  // namespace ws
