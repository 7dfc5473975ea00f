// A block of threads: fibers that take turns, where they wait for each other, and what they wait for in vain.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "simt_device.h"
#include "simt_fiber.h"
#include "simt_shadow.h"

namespace simt {

struct Copy {
  void* to;
  const void* from;
  bool valid;
  int group;
};

struct Thread {
  StackPointer stack = nullptr;
  bool ended = false;
  Place place{};
  /** Of warp-wide synchronisations since the last barrier. */
  Who phase = 0;
  /** Copies started, in order, and the number of the group that is open. */
  std::vector<Copy> copies;
  int group = 0;
};

/** Lanes of one warp on their way to a collective. */
struct Meeting {
  Collective kind;
  uint32_t mask;
  uint32_t arrived;
  Place place;
  void* parts[warp_size];
};

class Block {
 public:
  /** Tells why the block cannot go on, and leaves it. */
  using Fail = void (*)(const std::string& text);

  explicit Block(Fail fail) : fail_(fail) {}

  Clock clock;

  /** The body of a thread. */
  using Body = void (*)();

  /** Runs `count` threads to their ends; stops at a fault. */
  void run(int count, Body body) {
    stacks_.reserve(size_t(count));
    threads_.resize(size_t(std::max(count, int(threads_.size()))));
    warps_.assign(size_t(count + warp_size - 1) / warp_size, {});
    count_ = remaining_ = count;
    at_barrier_ = came_true_ = 0;
    first_ = last_ = 0;
    for (int i = 0; i < count; ++i) {
      Thread& thread = threads_[size_t(i)];
      thread.stack = stacks_.start(size_t(i), body);
      thread.ended = false;
      thread.phase = 0;
      thread.group = 0;
      thread.copies.clear();
      if (i > 0) make_ready(i);
    }
    enter(0);
    simt_switch(&main_, threads_[0].stack);
  }

  int current() const { return current_; }
  Thread& thread() { return threads_[size_t(current_)]; }
  bool is_stack(uintptr_t address) const { return stacks_.holds(address); }

  /** To be called at the end of a thread's body. */
  [[noreturn]] void end() {
    thread().ended = true;
    if (--remaining_ == 0) leave();
    // Not to be resumed: nothing makes it ready again.
    next();
    __builtin_unreachable();
  }

  /** Gives up the block, with all its threads. */
  [[noreturn]] void leave() {
    StackPointer unused;
    simt_switch(&unused, main_);
    __builtin_unreachable();
  }

  /** Waits for all threads, which have to come to the same place; returns how many came with true. */
  int barrier(Place place, bool predicate) {
    thread().place = place;
    came_true_ += predicate;
    if (++at_barrier_ < count_) {
      next();
      return passed_true_;
    }
    for (int i = 0; i < count_; ++i)
      if (!same(threads_[size_t(i)].place, place)) fail_(places());
    passed_true_ = came_true_;
    came_true_ = at_barrier_ = 0;
    ++clock.now;
    for (int i = 0; i < count_; ++i) {
      threads_[size_t(i)].phase = 0;
      if (i != current_) make_ready(i);
    }
    for (Warp& warp : warps_) warp.phase = 0;
    enter(current_);
    return passed_true_;
  }

  /** Waits for the lanes of the mask; the last one calls `perform(meeting)`. */
  template <class Perform>
  void meet(Collective kind, uint32_t mask, void* part, Place place, const Perform& perform) {
    Warp& warp = warps_[size_t(current_ / warp_size)];
    const uint32_t own = 1u << (current_ % warp_size);
    if ((mask & own) == 0) fail_("a lane is not in the mask that it names, at " + text_of(place));
    Meeting* meeting = nullptr;
    for (Meeting& each : warp.meetings)
      if (each.mask == mask) meeting = &each;
    if (meeting == nullptr) meeting = &warp.meetings.emplace_back(Meeting{kind, mask, 0, place, {}});
    thread().place = place;
    meeting->parts[current_ % warp_size] = part;
    meeting->arrived |= own;
    if (meeting->kind != kind || !same(meeting->place, place))
      fail_("lanes of one warp meet at " + text_of(meeting->place) + " and at " + text_of(place));
    if (meeting->arrived != (mask & existing_lanes())) return next();
    const Meeting whole = *meeting;
    *meeting = warp.meetings.back();
    warp.meetings.pop_back();
    if (kind == Collective::sync) ++warp.phase;
    const int base = current_ / warp_size * warp_size;
    for (int lane = 0; lane < warp_size; ++lane) {
      if ((whole.arrived >> lane & 1u) == 0) continue;
      if (kind == Collective::sync) threads_[size_t(base + lane)].phase = warp.phase;
      if (base + lane != current_) make_ready(base + lane);
    }
    perform(whole);
    enter(current_);
  }

  uint32_t living_lanes() const {
    uint32_t lanes = 0;
    const int base = current_ / warp_size * warp_size;
    for (int lane = 0; lane < warp_size && base + lane < count_; ++lane)
      lanes |= uint32_t(!threads_[size_t(base + lane)].ended) << lane;
    return lanes;
  }

  /** The identity of a thread of the block, for its accesses. */
  Who who(int index) const { return Who(index) | threads_[size_t(index)].phase * PHASE_ONE; }

 private:
  struct Warp {
    Who phase = 0;
    std::vector<Meeting> meetings;
  };

  static bool same(Place a, Place b) { return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0); }

  static std::string text_of(Place place) {
    const char* const slash = std::strrchr(place.file, '/');
    return std::string(slash == nullptr ? place.file : slash + 1) + ":" + std::to_string(place.line);
  }

  uint32_t existing_lanes() const {
    const int behind = count_ - current_ / warp_size * warp_size;
    return behind >= warp_size ? ~0u : (1u << behind) - 1;
  }

  void make_ready(int index) {
    ready_[last_++ % most_threads] = uint16_t(index);
  }

  void enter(int index) {
    current_ = index;
    clock.who = who(index);
  }

  /** Lets other threads run until this one may go on. */
  void next() {
    if (first_ == last_) fail_(places());
    const int from = current_;
    enter(ready_[first_++ % most_threads]);
    simt_switch(&threads_[size_t(from)].stack, threads_[size_t(current_)].stack);
  }

  /** Where every thread waits: `64 threads wait at block.cuh:24, 64 have ended`. */
  std::string places() const {
    std::vector<std::pair<std::string, int>> groups;
    for (int i = 0; i < count_; ++i) {
      const Thread& thread = threads_[size_t(i)];
      const std::string at = thread.ended ? "have ended" : "wait at " + text_of(thread.place);
      if (groups.empty() || groups.back().first != at) {
        auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == at; });
        if (found == groups.end()) found = groups.insert(found, {at, 0});
        ++found->second;
      } else {
        ++groups.back().second;
      }
    }
    std::string text;
    for (const auto& [at, count] : groups) text += (text.empty() ? "" : ", ") + std::to_string(count) + " threads " + at;
    return text;
  }

  const Fail fail_;
  Stacks stacks_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  StackPointer main_ = nullptr;
  int current_ = 0;
  int count_ = 0;
  int remaining_ = 0;
  int at_barrier_ = 0;
  int came_true_ = 0;
  int passed_true_ = 0;
  /** A ring of threads that may go on. */
  uint16_t ready_[most_threads];
  uint32_t first_ = 0;
  uint32_t last_ = 0;
};

}  // namespace simt
