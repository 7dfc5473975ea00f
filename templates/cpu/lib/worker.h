// One thread of a step: its share of a kernel's work and its scratch memory.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "pool.h"

namespace ws {

/** What the workers of a step share. Three tickets take turns, so that one can be reset while another is in use. */
struct Workshop {
  Pool* pool = nullptr;
  Ticket tickets[3];
  int64_t launches = 0;
  /** Nanoseconds by kernel, measured by rank 0; null: not measured. */
  int64_t* timings = nullptr;
  /** Set from outside, at any time. */
  std::atomic<bool> cancelled{false};
  /** What rank 0 saw of it before a barrier, by turns, so that all threads stop behind the same kernel. */
  bool stops[2] = {false, false};
  /** Whether the last step was cut short. */
  bool stopped = false;
};

class Worker {
 public:
  Worker(Workshop& shop, int rank, int size, char* scratch) : shop_(shop), rank_(rank), size_(size), scratch_(scratch) {}

  int rank() const { return rank_; }

  /** Before the first kernel of a step: all workers agree on the launch that comes. */
  void begin_step(int64_t launch) {
    launch_ = launch;
    started_ = now();
  }

  /** Ends kernel `index` of the program on all threads; false if the step was cancelled. */
  bool finish(int index) {
    if (rank_ == 0) {
      shop_.tickets[(launch_ + 1) % 3].reset();
      shop_.stops[launch_ % 2] = shop_.cancelled.load(std::memory_order_relaxed);
    }
    shop_.pool->barrier();
    const bool stops = shop_.stops[launch_ % 2];
    ++launch_;
    used_ = 0;
    if (rank_ == 0) {
      ++shop_.launches;
      shop_.stopped = stops;
      if (shop_.timings != nullptr) {
        const int64_t time = now();
        shop_.timings[index] += time - started_;
        started_ = time;
      }
    }
    return !stops;
  }

  /** The next unit of [0, units), or false when all are taken. */
  bool take(int64_t units, int64_t& unit) {
    unit = shop_.tickets[launch_ % 3].next(units, rank_, size_);
    return unit < units;
  }

  /** A part of [0, count) that leaves each thread about three turns; at most `most`, whole vectors where that is possible. */
  int part_of(int count, int most) const {
    const int part = (count + 48 * size_ - 1) / (48 * size_) * 16;
    return std::min({part, most, count});
  }

  /** The next few rows of [0, rows): a few turns a thread, so that a late one does not hold up the rest. */
  bool take_rows(int rows, int& begin, int& end) {
    const int64_t grain = std::max<int64_t>(1, rows / (int64_t(size_) * 8));
    int64_t unit;
    if (!take((rows + grain - 1) / grain, unit)) return false;
    const int64_t first = unit * grain;
    begin = static_cast<int>(first);
    end = static_cast<int>(std::min<int64_t>(rows, first + grain));
    return true;
  }

  /** Memory of this thread until `release` or the kernel's end, aligned to 64 bytes. */
  template <class T>
  T* scratch(int64_t count) {
    char* const at = scratch_ + used_;
    used_ += (count * int64_t(sizeof(T)) + 63) / 64 * 64;
    return reinterpret_cast<T*>(at);
  }

  void release() { used_ = 0; }

 private:
  static int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  Workshop& shop_;
  int rank_;
  int size_;
  char* scratch_;
  int64_t used_ = 0;
  int64_t launch_ = 0;
  int64_t started_ = 0;
};

}  // namespace ws
