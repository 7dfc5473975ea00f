// Threads that run a step together: one program on all of them (the caller is rank 0), barriers inside it, shared work by
// tickets. Nothing is allocated while running, and any thread may call `run`, one at a time.
#pragma once

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdint>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "processors.h"

namespace ws {

namespace detail {

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/** Sleeps while `word` holds `value`; wakes without a cause are the caller's to check. */
inline void sleep_while(std::atomic<uint32_t>& word, uint32_t value) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

inline void wake_all(std::atomic<uint32_t>& word) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

/** Rounds of `pause` that a waiting thread spins: some 20 us, more than a small kernel takes, less than a futex wakes in. */
inline constexpr int spins = 2000;

/**
 * A number that only grows, and threads that wait for it to leave a value: they spin, and then sleep. The sleepers are
 * counted, so that a change without any costs no system call.
 */
class Signal {
 public:
  uint32_t value() const { return word_.load(std::memory_order_acquire); }

  void advance() {
    word_.fetch_add(1, std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) != 0) wake_all(word_);
  }

  void wait_past(uint32_t seen) {
    for (int spin = 0; spin < spins; ++spin) {
      if (value() != seen) return;
      pause();
    }
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    while (word_.load(std::memory_order_seq_cst) == seen) sleep_while(word_, seen);
    sleepers_.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  alignas(64) std::atomic<uint32_t> word_{0};
  std::atomic<uint32_t> sleepers_{0};
};

}  // namespace detail

/** A part of [0, count) for a rank: contiguous, sizes differing by one unit at most, cut at multiples of `unit`. */
struct Range {
  int64_t begin;
  int64_t end;
};

inline Range share(int64_t count, int rank, int size, int64_t unit = 1) {
  const int64_t units = (count + unit - 1) / unit;
  const int64_t begin = units * rank / size * unit, end = units * (rank + 1) / size * unit;
  return {begin < count ? begin : count, end < count ? end : count};
}

/** Threads a pool may have. */
inline constexpr int max_threads = 256;

/**
 * Units of work for whoever is free. Each thread first takes its own contiguous share in order, so that it streams through
 * memory and dot.h's prefetches are its own (twice the rate of handing out single units, with weights from memory); then
 * what others have left. A kernel's ticket must be at 0 when the barrier before it falls: two tickets in turn do, each
 * reset by rank 0 while the kernel of the other one runs.
 */
class Ticket {
 public:
  /** A unit of [0, units), or `units` when all are taken. */
  int64_t next(int64_t units, int rank, int size) {
    size_.store(size, std::memory_order_relaxed);
    for (int turn = 0; turn < size; ++turn) {
      const int owner = rank + turn < size ? rank + turn : rank + turn - size;
      const Range part = share(units, owner, size);
      std::atomic<int64_t>& taken = taken_[owner].count;
      if (part.begin + taken.load(std::memory_order_relaxed) >= part.end) continue;
      const int64_t unit = part.begin + taken.fetch_add(1, std::memory_order_relaxed);
      if (unit < part.end) return unit;
    }
    return units;
  }

  void reset() {
    const int size = size_.load(std::memory_order_relaxed);
    for (int owner = 0; owner < size; ++owner) taken_[owner].count.store(0, std::memory_order_relaxed);
  }

 private:
  struct alignas(64) Taken {
    std::atomic<int64_t> count{0};
  };
  Taken taken_[max_threads];
  std::atomic<int> size_{0};
};

class Pool {
 public:
  /**
   * `size` threads in all, the caller of `run` among them; 0 takes one a physical core that this process may use. Where
   * there are enough, each is pinned to a core of its own, the caller for the length of a run.
   */
  explicit Pool(int size = 0) {
    const std::vector<int> cores = physical_cores();
    size_ = std::min(size > 0 ? size : static_cast<int>(cores.size()), max_threads);
    const bool pinned = size_ > 1 && size_ <= static_cast<int>(cores.size());
    if (pinned) caller_core_ = cores[0];
    workers_.reserve(static_cast<size_t>(size_ - 1));
    for (int rank = 1; rank < size_; ++rank)
      workers_.emplace_back([this, rank, core = pinned ? cores[static_cast<size_t>(rank)] : -1] { serve(rank, core); });
  }

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  ~Pool() {
    task_ = nullptr;
    start_.advance();
    for (std::thread& worker : workers_) worker.join();
  }

  int size() const { return size_; }

  /** Calls body(rank, size) on all threads and returns when all have returned. Not to be nested. */
  template <class Body>
  void run(const Body& body) {
    task_ = [](const void* context, int rank, int size) { (*static_cast<const Body*>(context))(rank, size); };
    context_ = &body;
    start_.advance();
    {
      const Pinned here(caller_core_);
      body(0, size_);
    }
    barrier();
  }

  /** All threads of a `run` meet here; what any wrote before is seen by all after. */
  void barrier() {
    if (size_ == 1) return;
    const uint32_t seen = turn_.value();
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
      arrived_.store(0, std::memory_order_relaxed);
      turn_.advance();
    } else {
      turn_.wait_past(seen);
    }
  }

 private:
  using Task = void (*)(const void* context, int rank, int size);

  void serve(int rank, int core) {
    if (core >= 0) pin_to(core);
    uint32_t seen = 0;
    for (;;) {
      start_.wait_past(seen);
      ++seen;  // one start a run, and the barrier that ends a run lets no start pass unseen
      if (task_ == nullptr) return;
      task_(context_, rank, size_);
      barrier();
    }
  }

  int size_ = 1;
  int caller_core_ = -1;
  Task task_ = nullptr;
  const void* context_ = nullptr;
  detail::Signal start_;
  detail::Signal turn_;
  alignas(64) std::atomic<int> arrived_{0};
  std::vector<std::thread> workers_;
};

}  // namespace ws
