// What generated code tells the host about its kernels and programs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "batch.cuh"
#include "values.h"

namespace ws {

class Launcher;

/** Machine code of one source file for one architecture. */
struct Cubin {
  /** 90 for sm_90a. */
  int32_t architecture;
  /** sm_90a runs on compute capability 9.0 alone; sm_80 on every 8.x. */
  bool exact;
  int32_t source;
  const char* begin;
  const char* end;
};

struct KernelInfo {
  const char* name;
  int32_t source;
  /** Dynamic shared memory in bytes, at most. */
  int32_t shared_bytes;
  /** Where there are clusters, each block of the grid is a cluster of so many blocks with so many threads; 0 if none. */
  int32_t cluster_blocks;
  int32_t cluster_threads;
};

/** One place of a program that launches a kernel. */
struct LaunchInfo {
  int32_t kernel;
  /** What it computes, as `operator.output`, and where in the model: for messages. */
  const char* anchors;
  const char* label;
};

struct ProgramInfo {
  const char* name;
  void (*run)(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts);
  const ValueInfo* values;
  const LaunchInfo* launches;
  int32_t value_count;
  int32_t slot_count;
  int32_t count_count;
  int32_t launch_count;
};

extern const Cubin cubins[];
extern const int32_t cubin_count;
extern const int32_t source_count;
extern const KernelInfo kernels[];
extern const int32_t kernel_count;
extern const ProgramInfo programs[];
extern const int32_t program_count;
extern const int32_t block_size;
/** Whether kernels check every access. */
extern const bool checked;

}  // namespace ws
