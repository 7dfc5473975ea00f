// What generated code tells the host about its programs.
#pragma once

#include <cstdint>

#include "batch.h"
#include "values.h"
#include "worker.h"

namespace ws {

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
