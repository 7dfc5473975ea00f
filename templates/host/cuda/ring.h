// The steps under way on the GPU, in the order of the stream: each slot has pinned memory for a batch and for results, which the
// GPU copies from and to while the host goes on, and an event behind the last of its copies.
#pragma once

#include <chrono>
#include <vector>

#include "device.h"
#include "warpsmith.h"

namespace ws {

struct Slot {
  int64_t ticket = -1;
  /** What the step's batch is copied to the device from; not to be touched before `ended`. */
  PinnedMemory batch;
  /** By value: memory of the small results, and nothing for other values. */
  std::vector<PinnedMemory> results;
  /** Of a checked build. */
  PinnedMemory fault;
  CUevent ended = nullptr;
  bool is_cancelled = false;
  /** Whether its time has been counted. */
  bool is_counted = false;
  std::chrono::steady_clock::time_point started;
};

class Ring {
 public:
  explicit Ring(const Stream& stream) : stream_(stream) {
    for (Slot& slot : slots_) driver_.check(driver_.cuEventCreate(&slot.ended, EVENT_DEFAULT), "making a ring");
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    for (const Slot& slot : slots_) driver_.cuEventDestroy_v2(slot.ended);
  }

  Slot& slot(int64_t number) { return slots_[number % WS_RING_SLOTS]; }

  /** The slot of the next step, once the step that had it has ended; whether that one failed is told by the stream. */
  Slot& take() {
    Slot& next = slot(submitted_);
    if (next.ticket >= 0) driver_.cuEventSynchronize(next.ended);
    return next;
  }

  /** Says that everything of the step in the slot of `take` is on the stream; returns its ticket. */
  int64_t submit() {
    Slot& next = slot(submitted_);
    driver_.check(driver_.cuEventRecord(next.ended, stream_), "ending a step");
    next.ticket = submitted_;
    return submitted_++;
  }

  bool holds(int64_t ticket) const { return ticket >= 0 && slots_[ticket % WS_RING_SLOTS].ticket == ticket; }

 private:
  const Driver& driver_ = Device::get().driver;
  const Stream& stream_;
  Slot slots_[WS_RING_SLOTS];
  int64_t submitted_ = 0;
};

}  // namespace ws
