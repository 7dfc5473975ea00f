// The access of a checked build that left its tensor, as text.
#pragma once

#include <string>

namespace ws {

/** `x(7, 640) is outside of [7, 640], silu-mul.ts:12`. */
template <class Fault>
std::string describe_fault(const Fault& fault) {
  std::string index, extent;
  for (int axis = 0; axis < fault.rank; ++axis) {
    index += (axis == 0 ? "" : ", ") + std::to_string(fault.index[axis]);
    extent += (axis == 0 ? "" : ", ") + std::to_string(fault.extent[axis]);
  }
  return std::string(fault.access) + "(" + index + ") is outside of [" + extent + "], " + fault.place;
}

}  // namespace ws
