// Fibers: a thread of a kernel is a stack that is switched to and away from, some nanoseconds a switch.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace simt {

/** Where a fiber stands while another runs. */
using StackPointer = void*;

/** Saves the calling fiber's place in `*from` and goes on at `to`. */
extern "C" __attribute__((visibility("hidden"))) void simt_switch(StackPointer* from, StackPointer to);

// What a callee has to keep, and no more: the compiler has saved the rest at the call.
#if defined(__x86_64__)
asm(R"(
  .text
  .globl simt_switch
  .hidden simt_switch
  .type simt_switch, @function
simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size simt_switch, . - simt_switch
)");
inline constexpr size_t saved_words = 6;
#elif defined(__aarch64__)
asm(R"(
  .text
  .globl simt_switch
  .hidden simt_switch
  .type simt_switch, %function
simt_switch:
  stp x29, x30, [sp, #-160]!
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x2, sp
  str x2, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  ldp x29, x30, [sp], #160
  ret
  .size simt_switch, . - simt_switch
)");
#else
#error "the simulated GPU switches fibers on x86-64 and aarch64; another processor needs its simt_switch here"
#endif

/** Stacks of one size, each above a page that faults when a stack outgrows its own. */
class Stacks {
 public:
  static constexpr size_t size = 128 * 1024;

  /** Memory for `count` of them; pages cost nothing until they are touched. */
  void reserve(size_t count) {
    if (count <= count_) return;
    if (memory_ != nullptr) munmap(memory_, count_ * size);
    count_ = count;
    void* const memory = mmap(nullptr, count * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory for the stacks of simulated threads");
    memory_ = static_cast<char*>(memory);
    for (size_t i = 0; i < count; ++i) mprotect(memory_ + i * size, size_t(sysconf(_SC_PAGESIZE)), PROT_NONE);
  }

  bool holds(uintptr_t address) const { return address - uintptr_t(memory_) < count_ * size; }

  /** A fiber on stack `index` that begins in `entry`, which never returns. */
  StackPointer start(size_t index, void (*entry)()) const {
    uint64_t* const top = reinterpret_cast<uint64_t*>(memory_ + (index + 1) * size);
#if defined(__x86_64__)
    // As a call leaves it: the return address lies 8 bytes below a multiple of 16.
    uint64_t* const frame = top - 1 - 1 - saved_words;
    for (size_t i = 0; i < saved_words; ++i) frame[i] = 0;
    frame[saved_words] = uint64_t(entry);
    return frame;
#else
    uint64_t* const frame = top - 20;
    for (size_t i = 0; i < 20; ++i) frame[i] = 0;
    frame[1] = uint64_t(entry);
    return frame;
#endif
  }

 private:
  char* memory_ = nullptr;
  size_t count_ = 0;
};

}  // namespace simt
