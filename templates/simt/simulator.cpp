// The simulated GPU: blocks run one after the other, their threads as fibers that take turns. Kernels are compiled with
// -fsanitize=thread, by which every load and store calls __tsan_read… or __tsan_write… first: these check it here.
#include "lib/simt_simulator.h"

#include <cstring>

#include "lib/simt_block.h"
#include "lib/simt_halves.h"
#include "lib/simt_vectors.h"

#define SIMT_LOCAL __attribute__((visibility("hidden")))

/** Of the block that runs; `extern __shared__ char shared[]` of every kernel. */
extern "C" {
SIMT_LOCAL alignas(1024) char shared[simt::shared_capacity];
extern SIMT_LOCAL const char __ehdr_start[];
extern SIMT_LOCAL const char _end[];
}

namespace simt {

std::mutex gate;
DeviceMemory memory;

namespace {

[[noreturn]] void stop(FaultKind kind, const std::string& text);
void diverged(const std::string& places);

Block block(diverged);
Cell shared_cells[shared_capacity / 2];
Fault found;
Grid grid;
uint3 block_index;
const Kernel* kernel = nullptr;
void* const* arguments = nullptr;

void stop(FaultKind kind, const std::string& text) {
  found = {kind, text + " (block " + std::to_string(block_index.x) + ")"};
  block.leave();
}

void diverged(const std::string& places) { stop(FaultKind::divergence, places); }

bool is_shared(uintptr_t address) { return address - uintptr_t(shared) < shared_capacity; }

std::string where(uintptr_t address) {
  if (is_shared(address)) return "shared + " + std::to_string(address - uintptr_t(shared));
  return memory.holds(address) ? memory.describe(address) : "an address that is no memory of the device";
}

[[noreturn]] __attribute__((noinline)) void stop_access(FaultKind kind, uintptr_t address, size_t bytes, bool writes,
                                                        const std::string& why) {
  stop(kind, thread_text(block.clock.who) + " " + access_text(writes, bytes, where(address)) + why);
}

[[noreturn]] __attribute__((noinline)) void stop_hazard(Hazard hazard, const Cell& cell, uintptr_t address, size_t bytes,
                                                        bool writes) {
  const Fault fault = fault_of(hazard, cell);
  stop_access(fault.kind, address, bytes, writes, fault.text);
}

/** Of neither shared nor device memory: the thread's own variables and constants of the program are no business of ours. */
__attribute__((noinline)) void check_elsewhere(uintptr_t address, size_t bytes, bool writes) {
  if (block.is_stack(address) || (address >= uintptr_t(__ehdr_start) && address < uintptr_t(_end))) return;
  stop_access(FaultKind::out_of_bounds, address, bytes, writes, "");
}

template <bool in_shared, bool writes>
void enter_cells(Cell* cell, uintptr_t address, size_t bytes, Who kind) {
  const size_t count = (address % 2 + bytes + 1) / 2;
  for (size_t i = 0; i < count; ++i) {
    const Hazard hazard = writes ? write<in_shared>(cell[i], block.clock, kind) : read<in_shared>(cell[i], block.clock);
    if (hazard != Hazard::none) [[unlikely]]
      stop_hazard(hazard, cell[i], address, bytes, writes);
  }
}

template <bool writes>
inline __attribute__((always_inline)) void check(uintptr_t address, size_t bytes, Who kind = 0) {
  if (memory.holds(address)) {
    if (!memory.is_valid(address, bytes)) [[unlikely]]
      stop_access(FaultKind::out_of_bounds, address, bytes, writes, "");
    enter_cells<false, writes>(memory.cell(address), address, bytes, kind);
  } else if (is_shared(address)) {
    const uintptr_t offset = address - uintptr_t(shared);
    if (offset + bytes > grid.shared_bytes) [[unlikely]]
      stop_access(FaultKind::out_of_bounds, address, bytes, writes,
                  ", past the " + std::to_string(grid.shared_bytes) + " bytes of the launch");
    enter_cells<true, writes>(shared_cells + offset / 2, address, bytes, kind);
  } else {
    check_elsewhere(address, bytes, writes);
  }
}

void land(const Copy& copy) {
  if (copy.valid) std::memcpy(copy.to, copy.from, 16);
  else std::memset(copy.to, 0, 16);
  Cell* const cell = shared_cells + (uintptr_t(copy.to) - uintptr_t(shared)) / 2;
  for (int i = 0; i < 8; ++i) {
    cell[i].write_stamp = block.clock.now;
    cell[i].writer = block.clock.who;
  }
}

void thread_body() {
  kernel->call(arguments);
  block.end();
}

uint32_t next_stamp() {
  // Far before stamps begin anew, with room for the barriers of a block.
  if (block.clock.now > 0xf0000000u) {
    std::memset(shared_cells, 0, sizeof shared_cells);
    memory.clear_cells();
    block.clock.now = 0;
  }
  return ++block.clock.now;
}

#include "simt_collectives.h"

}  // namespace

Fault run(const Kernel& launched, const Grid& launched_grid, void* const* launched_arguments) {
  kernel = &launched;
  grid = launched_grid;
  arguments = launched_arguments;
  found = {};
  block.clock.launch = next_stamp();
  const int threads = int(grid.threads[0] * grid.threads[1] * grid.threads[2]);
  for (uint32_t z = 0; z < grid.blocks[2]; ++z)
    for (uint32_t y = 0; y < grid.blocks[1]; ++y)
      for (uint32_t x = 0; x < grid.blocks[0]; ++x) {
        block_index = {x, y, z};
        block.clock.block = next_stamp();
        block.clock.follows_blocks = false;
        block.run(threads, thread_body);
        if (found.kind != FaultKind::none) return found;
      }
  return found;
}

void barrier(Place place) { block.barrier(place, false); }
int barrier_count(bool predicate, Place place) { return block.barrier(place, predicate); }

void meet(Collective kind, unsigned mask, void* part, Place place) {
  block.meet(kind, mask, part, place, [](const Meeting& meeting) { perform(meeting); });
}

int lane() { return block.current() % warp_size; }
unsigned living_lanes() { return block.living_lanes(); }

void atomic_load(void* address, void* value, size_t bytes) {
  check_alignment(address, bytes);
  check<true>(uintptr_t(address), bytes, ATOMIC);
  if (memory.holds(uintptr_t(address))) block.clock.follows_blocks = true;
  std::memcpy(value, address, bytes);
}

void atomic_store(void* address, const void* value, size_t bytes) { std::memcpy(address, value, bytes); }

void start_copy(void* to, const void* from, bool valid) {
  check_alignment(to, 16);
  check_alignment(from, 16);
  if (valid) check<false>(uintptr_t(from), 16);
  if (!is_shared(uintptr_t(to))) stop_access(FaultKind::out_of_bounds, uintptr_t(to), 16, true, ", by a copy to shared memory");
  check<true>(uintptr_t(to), 16, UNDER_WAY);
  Thread& thread = block.thread();
  thread.copies.push_back({to, from, valid, thread.group});
}

void commit_copies() { ++block.thread().group; }

void wait_for_copies(int pending) {
  Thread& thread = block.thread();
  size_t landed = 0;
  while (landed < thread.copies.size() && thread.copies[landed].group < thread.group - pending) land(thread.copies[landed++]);
  thread.copies.erase(thread.copies.begin(), thread.copies.begin() + ptrdiff_t(landed));
}

void check_alignment(const void* address, size_t bytes) {
  if (uintptr_t(address) % bytes != 0)
    stop(FaultKind::misaligned, thread_text(block.clock.who) + " takes " + std::to_string(bytes) + " aligned bytes at " +
                                    where(uintptr_t(address)));
}

void trap() { stop(FaultKind::trap, thread_text(block.clock.who) + " gave up"); }

}  // namespace simt

extern "C" {

SIMT_LOCAL uint3 simt_thread_index() {
  const uint32_t at = uint32_t(simt::block.current());
  const uint32_t width = simt::grid.threads[0], height = simt::grid.threads[1];
  return {at % width, at / width % height, at / width / height};
}
SIMT_LOCAL uint3 simt_block_index() { return simt::block_index; }
SIMT_LOCAL uint3 simt_block_extent() { return {simt::grid.threads[0], simt::grid.threads[1], simt::grid.threads[2]}; }
SIMT_LOCAL uint3 simt_grid_extent() { return {simt::grid.blocks[0], simt::grid.blocks[1], simt::grid.blocks[2]}; }

#define SIMT_ACCESSES(bytes)                                                                              \
  SIMT_LOCAL void __tsan_read##bytes(void* address) { simt::check<false>(uintptr_t(address), bytes); }    \
  SIMT_LOCAL void __tsan_write##bytes(void* address) { simt::check<true>(uintptr_t(address), bytes); }    \
  SIMT_LOCAL void __tsan_unaligned_read##bytes(void* address) { simt::check<false>(uintptr_t(address), bytes); } \
  SIMT_LOCAL void __tsan_unaligned_write##bytes(void* address) { simt::check<true>(uintptr_t(address), bytes); }
SIMT_ACCESSES(1)
SIMT_ACCESSES(2)
SIMT_ACCESSES(4)
SIMT_ACCESSES(8)
SIMT_ACCESSES(16)
#undef SIMT_ACCESSES
SIMT_LOCAL void __tsan_read_range(void* address, size_t bytes) { simt::check<false>(uintptr_t(address), bytes); }
SIMT_LOCAL void __tsan_write_range(void* address, size_t bytes) { simt::check<true>(uintptr_t(address), bytes); }
SIMT_LOCAL void __tsan_init() {}
SIMT_LOCAL void __tsan_func_entry(void*) {}
SIMT_LOCAL void __tsan_func_exit() {}

}
