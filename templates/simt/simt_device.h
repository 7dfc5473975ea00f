// What a kernel may ask of the simulated GPU: the functions that simulator.cpp defines. Compiled into kernels, so that nothing
// here touches memory of the simulation itself.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simt {

inline constexpr int warp_size = 32, most_threads = 1024;

/** Of a barrier or a collective in the source. */
struct Place {
  const char* file;
  int line;
};

/** What the lanes of a warp do together. */
enum class Collective { sync, shuffle, ballot, match, add, least, greatest, bit_and, bit_or, bit_xor, mma_bf16, mma_f16, load, load_transposed };

/** The lane's value, which becomes that of lane `source`. */
struct ShufflePart {
  uint64_t value;
  int source;
};

/** The lane's value, which becomes the result. */
struct VotePart {
  uint64_t value;
};

/** The lane's registers of mma.m16n8k16. */
struct MmaPart {
  uint32_t a[4];
  uint32_t b[2];
  float d[4];
};

/** The row of a matrix that the lane names, which becomes its pair of each. */
struct LoadPart {
  const void* row;
  uint32_t to[4];
};

/** Waits for all threads of the block. */
void barrier(Place place);
/** The same; returns how many threads came with true. */
int barrier_count(bool predicate, Place place);

/** Waits for the lanes of `mask`, which all give a part (of its kind's type), and has the result in it. */
void meet(Collective kind, unsigned mask, void* part, Place place);

int lane();
/** Lanes of the warp that have not ended. */
unsigned living_lanes();

void atomic_load(void* address, void* value, size_t bytes);
/** Behind the load of the same operation. */
void atomic_store(void* address, const void* value, size_t bytes);

/** Copies 16 bytes, or zeros, when the thread waits for the group that it ends up in. */
void start_copy(void* to, const void* from, bool valid);
void commit_copies();
void wait_for_copies(int pending);

/** Fails unless `address` is a multiple of `bytes`, as vector instructions want it. */
void check_alignment(const void* address, size_t bytes);

[[noreturn]] void trap();

}  // namespace simt
