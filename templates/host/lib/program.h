// What generated code tells the host about its programs.
#pragma once

#include <cstdint>

#include "batch.h"
#include "worker.h"

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

struct ProgramInfo {
  const char* name;
  void (*run)(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts);
  const ValueInfo* values;
  int32_t value_count;
  int32_t slot_count;
  int32_t count_count;
  int32_t kernel_count;
  int64_t scratch_bytes;
};

extern const ProgramInfo programs[];
extern const int32_t program_count;
extern const int32_t block_size;

}  // namespace ws
