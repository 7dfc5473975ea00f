// Index checks of a checked build: the first access out of range is kept, and the step that made it fails with its name.
#pragma once

#include <cstdint>

#include "target.cuh"

namespace ws {

/** An access that left its tensor: which, where in the author's source, and with which indices. Zero before a step. */
struct Fault {
  static constexpr int most = 6;
  int32_t taken;
  int32_t rank;
  char access[64];
  char place[64];
  int64_t index[most];
  int64_t extent[most];
};

#if defined(__CUDACC__)

/** Copies a text with its end, cut to what there is room for. */
template <int size>
WS_DEVICE void copy_text(char (&to)[size], const char* from) {
  int at = 0;
  for (; at + 1 < size && from[at] != 0; ++at) to[at] = from[at];
  to[at] = 0;
}

/** Whether every index lies in [0, extent); if not, tells `fault`, unless another access was first. */
template <int rank>
__device__ inline bool within(Fault* fault, const char* access, const char* place, const int64_t (&index)[rank],
                              const int64_t (&extent)[rank]) {
  static_assert(rank <= Fault::most, "more indices than a fault has room for");
  bool inside = true;
  for (int axis = 0; axis < rank; ++axis) inside &= index[axis] >= 0 && index[axis] < extent[axis];
  if (inside || fault == nullptr || atomicExch(&fault->taken, 1) != 0) return inside;
  copy_text(fault->access, access);
  copy_text(fault->place, place);
  fault->rank = rank;
  for (int axis = 0; axis < rank; ++axis) {
    fault->index[axis] = index[axis];
    fault->extent[axis] = extent[axis];
  }
  return false;
}

#endif

}  // namespace ws
