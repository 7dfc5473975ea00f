// What generated code tells the host about a program's values, and how large they are.
#pragma once

#include <cstdint>

namespace ws {

enum class Storage : int32_t { bf16 = 0, f16 = 1, f32 = 2, i32 = 3 };
enum class Kind : int32_t { input, weight, constant, state, result, arena };

inline int64_t bytes_of(Storage storage) { return storage == Storage::f32 || storage == Storage::i32 ? 4 : 2; }

/** A value's memory. Extents: a number, or -1 - c for count c. A paged state has `page_elements` a position instead. */
struct ValueInfo {
  const char* name;
  Kind kind;
  Storage storage;
  int32_t slot;
  int64_t page_elements;
  int32_t rank;
  int32_t extents[6];
};

inline int64_t extent_of(const ValueInfo& info, int axis, const int32_t* counts) {
  const int32_t extent = info.extents[axis];
  return extent >= 0 ? extent : counts[-1 - extent];
}

/** `slots`: positions of the paged cache. */
inline uint64_t bytes_of(const ValueInfo& info, const int32_t* counts, int64_t slots) {
  int64_t elements = info.page_elements > 0 ? info.page_elements * slots : 1;
  for (int axis = 0; axis < info.rank; ++axis) elements *= extent_of(info, axis, counts);
  return uint64_t(elements * bytes_of(info.storage));
}

/** Rows of a result that a ring keeps, in bytes: those of logits are larger than all else together, and seldom asked for. */
inline constexpr uint64_t SMALL_ROW = 4096;

/** Whether each slot of a ring has memory for the value: a result with small rows. */
inline bool is_kept(const ValueInfo& info, const int32_t* capacities) {
  if (info.kind != Kind::result) return false;
  uint64_t row = uint64_t(bytes_of(info.storage));
  for (int axis = 1; axis < info.rank; ++axis) row *= uint64_t(extent_of(info, axis, capacities));
  return row <= SMALL_ROW;
}

}  // namespace ws
