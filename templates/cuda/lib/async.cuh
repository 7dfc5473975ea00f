// Copies that a thread starts and waits for later (cp.async, sm_80), and loads that pass by the first-level cache.
#pragma once

#include <cstdint>

#include "target.cuh"

namespace ws {

/** The address of shared memory as instructions take it. */
WS_DEVICE uint32_t shared_address(const void* pointer) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}

/** 16 bytes from device to shared memory, both aligned to 16; zeros where `valid` is false, and nothing is read then. */
WS_DEVICE void copy_16_async(void* to, const void* from, bool valid) {
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from), "r"(bytes) : "memory");
}

/** Ends a group of copies: those started since the last call. */
WS_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

/** Waits until at most `pending` of the groups that this thread committed are under way. */
template <int pending>
WS_DEVICE void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}

/** Four words that are read once: they are not kept in the first-level cache. Aligned to 16 bytes. */
WS_DEVICE uint4 load_16_once(const void* from) {
  uint4 words;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
               : "l"(from));
  return words;
}

/** Four words that other warps read too. Aligned to 16 bytes. */
WS_DEVICE uint4 load_16(const void* from) { return *static_cast<const uint4*>(from); }

}  // namespace ws
