// Index checks of a checked build: the first access out of range is kept, and the step that made it fails with its name.
#pragma once

#include <atomic>
#include <cstdint>

namespace ws {

/** An access that left its tensor: which, where in the author's source, and with which indices. */
struct Fault {
  static constexpr int most = 6;
  std::atomic<bool> taken{false};
  const char* access = nullptr;
  const char* place = nullptr;
  int rank = 0;
  int64_t index[most];
  int64_t extent[most];
};

/** Whether every index lies in [0, extent); if not, tells `fault`, unless another access was first. */
template <int rank>
inline bool within(Fault* fault, const char* access, const char* place, const int64_t (&index)[rank],
                   const int64_t (&extent)[rank]) {
  static_assert(rank <= Fault::most);
  bool inside = true;
  for (int axis = 0; axis < rank; ++axis) inside &= index[axis] >= 0 && index[axis] < extent[axis];
  if (__builtin_expect(inside, 1) || fault == nullptr || fault->taken.exchange(true)) return inside;
  fault->access = access;
  fault->place = place;
  fault->rank = rank;
  for (int axis = 0; axis < rank; ++axis) {
    fault->index[axis] = index[axis];
    fault->extent[axis] = extent[axis];
  }
  return false;
}

}  // namespace ws
