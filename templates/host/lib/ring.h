// The steps under way on this machine's processors: they run one after the other on a thread of the ring's own, so that the
// caller goes on meanwhile, and their results stay in their slots.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "memory.h"
#include "warpsmith.h"

namespace ws {

struct Slot {
  /** The caller's, copied: inputs are read where they lie in it. */
  std::vector<int32_t> descriptor;
  /** By value: memory of the small results, and nothing for other values. */
  std::vector<Mapping> results;
  /** How the last step ended, as ws_poll tells it, and why. */
  int32_t status = 0;
  std::string error;
};

class Ring {
 public:
  /** `run` runs the step of a slot and sets its status. `cancelled` ends a run early: the ring clears and sets it. */
  Ring(std::function<void(Slot&)> run, std::atomic<bool>& cancelled) : run_(std::move(run)), cancelled_(cancelled) {}
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /** Cuts the steps under way short. */
  ~Ring() {
    cancel();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      closes_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  Slot& slot(int64_t number) { return slots_[number % WS_RING_SLOTS]; }

  /** Waits for the slot of the next step, and runs it behind those before it. Returns its ticket. */
  int64_t submit(const int32_t* descriptor) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return submitted_ - ended_ < WS_RING_SLOTS; });
    slot(submitted_).descriptor.assign(descriptor, descriptor + descriptor[0]);
    const int64_t ticket = submitted_++;
    if (!thread_.joinable()) thread_ = std::thread([this] { serve(); });
    lock.unlock();
    changed_.notify_all();
    return ticket;
  }

  /** As `submit` and `wait`, on the calling thread, which is waiting anyway. */
  int64_t run_here(const int32_t* descriptor) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return ended_ == submitted_; });
    slot(submitted_).descriptor.assign(descriptor, descriptor + descriptor[0]);
    here_ = true;
    const int64_t ticket = submitted_++;
    run_next(lock);
    here_ = false;
    return ticket;
  }

  void wait(int64_t ticket) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return ended_ > ticket || ticket >= submitted_; });
  }

  /** Waits for all steps. */
  void settle() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return ended_ == submitted_; });
  }

  enum class Stand { unknown, under_way, ended };

  /** `unknown`: no such step, or one whose slot was taken since. */
  Stand stand(int64_t ticket) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (ticket < 0 || ticket >= submitted_ || ticket < submitted_ - WS_RING_SLOTS) return Stand::unknown;
    return ticket < ended_ ? Stand::ended : Stand::under_way;
  }

  void cancel() {
    const std::lock_guard<std::mutex> lock(mutex_);
    cancelled_before_ = submitted_;
    cancelled_.store(true, std::memory_order_relaxed);
  }

 private:
  void serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return closes_ || (ended_ < submitted_ && !here_); });
      if (ended_ == submitted_) return;
      run_next(lock);
    }
  }

  /** Runs the oldest step that has not ended; `lock` is open meanwhile. */
  void run_next(std::unique_lock<std::mutex>& lock) {
    Slot& next = slot(ended_);
    const bool is_void = ended_ < cancelled_before_;
    cancelled_.store(false, std::memory_order_relaxed);
    lock.unlock();
    next.error.clear();
    if (is_void) next.status = -2;
    else run_(next);
    lock.lock();
    ++ended_;
    changed_.notify_all();
  }

  const std::function<void(Slot&)> run_;
  std::atomic<bool>& cancelled_;
  Slot slots_[WS_RING_SLOTS];
  std::mutex mutex_;
  std::condition_variable changed_;
  /** Steps so far; those that ended; those that a cancel ends. */
  int64_t submitted_ = 0, ended_ = 0, cancelled_before_ = 0;
  bool closes_ = false;
  /** Whether the step under way runs on its caller's thread. */
  bool here_ = false;
  std::thread thread_;
};

}  // namespace ws
