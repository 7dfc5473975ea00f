// Order statistics of one row of floats by all threads of a group, without sorting it. A few of the largest lie above what as
// many warps have found; those that do are ranked. Else patterns of bits that order as the numbers do are searched from the top,
// four bits a pass, each pass weighing the 16 digits in registers. Nothing depends on the order of threads. A NaN is passed over;
// -0 stands below +0.
//
// Rows may lie in shared or in device memory and are to be complete (synchronised) before; every thread gets the result.
// Functions that are calls take the group by value: for a reference it would lie in local memory.
#pragma once

#include <cstdint>

#include "cluster.cuh"
#include "math.cuh"

namespace ws {

namespace detail {

/** Orders as the numbers do; not for NaN. */
WS_DEVICE uint32_t order_key(float x) {
  const uint32_t bits = __float_as_uint(x);
  return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}

WS_DEVICE float of_order_key(uint32_t key) {
  return __uint_as_float((key & 0x80000000u) != 0u ? key & 0x7fffffffu : ~key);
}

/** `use(x[i], i)` for the thread's places, `ahead` loads under way at once; also for NaN at places that are none. */
template <int ahead = 4, class Group, class Use>
WS_DEVICE void each_of(const Group& group, const float* x, int n, Use use) {
  for (int begin = group.rank(); begin < n; begin += ahead * Group::size) {
    float values[ahead];
#pragma unroll
    for (int j = 0; j < ahead; ++j) {
      const int i = begin + j * Group::size;
      values[j] = i < n ? x[i] : __int_as_float(0x7fc00000);
    }
#pragma unroll
    for (int j = 0; j < ahead; ++j) use(values[j], begin + j * Group::size);
  }
}

constexpr int digit_bits = 4;
constexpr int digits = 1 << digit_bits;

/** Whether a key has the digits found so far: those above the one at `shift`. */
WS_DEVICE bool has_prefix(uint32_t key, uint32_t prefix, int shift) {
  return shift + digit_bits >= 32 || (key >> (shift + digit_bits)) == (prefix >> (shift + digit_bits));
}

/**
 * The largest key whose elements and all above it weigh at least `wanted` together. `Part` sums within a thread, `Whole`
 * over them. Rounding may leave all of them short of what was wanted: the least of them is the answer then.
 */
template <class Part, class Whole, class Group, class Weigh>
WS_DEVICE uint32_t heaviest_key(const Group& group, const float* x, int n, Whole wanted, Weigh weigh) {
  uint32_t prefix = 0;
  Whole above = 0;
  for (int shift = 32 - digit_bits; shift >= 0; shift -= digit_bits) {
    Part part[digits] = {};
    each_of<2>(group, x, n, [&](float value, int) {
      if (value != value) return;
      const uint32_t key = order_key(value);
      if (!has_prefix(key, prefix, shift)) return;
      const uint32_t digit = (key >> shift) & (digits - 1);
      const Part weight = weigh(value);
#pragma unroll
      for (uint32_t d = 0; d < digits; ++d) part[d] += digit >= d ? weight : Part(0);
    });
    Whole at_least[digits];
#pragma unroll
    for (int d = 0; d < digits; ++d) at_least[d] = static_cast<Whole>(part[d]);
    group.reduce_all(at_least, Plus());
    uint32_t chosen = 0;
    Whole higher = 0;
    bool found = false;
#pragma unroll
    for (int d = digits - 1; d >= 0; --d) {
      if (found || !(at_least[d] > higher)) continue;
      // An earlier candidate fell short, so that this one takes its place.
      found = above + at_least[d] >= wanted;
      chosen = d;
      if (!found) higher = at_least[d];
    }
    if (!found) {
      // The least digit that weighs anything; what is heavier than it lies above.
      higher = 0;
#pragma unroll
      for (int d = digits - 1; d >= 0; --d)
        if (static_cast<uint32_t>(d) > chosen && at_least[d] > higher) higher = at_least[d];
    }
    above += higher;
    prefix |= chosen << shift;
  }
  return prefix;
}

/** How many elements are numbers. */
template <class Group>
WS_DEVICE int numbers_of(const Group& group, const float* x, int n) {
  int numbers = 0;
  each_of(group, x, n, [&](float value, int) { numbers += value == value; });
  return group.sum(numbers);
}

/** The least place behind `after` for which `holds`; n if there is none. */
template <class Group, class Holds>
WS_DEVICE int next_place(const Group& group, int n, int after, Holds holds) {
  int place = n;
  for (int i = after + 1 + group.rank(); i < n && place == n; i += Group::size)
    if (holds(i)) place = i;
  return group.reduce(place, Lesser());
}

/** Places of the x[i] > bar, in any order; returns how many there are. */
template <class Group>
WS_DEVICE int gather_above(const Group& group, const float* x, int n, float bar, int32_t* index) {
  int* const counter = group.shared_by_all(reinterpret_cast<int*>(group.exchange));
  group.sync();
  if (group.leads()) *counter = 0;
  group.sync();
  each_of(group, x, n, [&](float value, int i) {
    if (value > bar) index[atomicAdd(counter, 1)] = i;
  });
  group.sync();
  const int found = *counter;
  group.sync();
  return found;
}

/** Orders few places by their values, descending, ties by place: odd-even transposition. */
template <class Group>
WS_DEVICE void sort_places(const Group& group, const float* x, int count, int32_t* index) {
  for (int phase = 0; phase < count; ++phase) {
    for (int at = 2 * group.rank() + phase % 2; at + 1 < count; at += 2 * Group::size) {
      const int32_t first = index[at];
      const int32_t second = index[at + 1];
      if (x[first] > x[second] || (x[first] == x[second] && first < second)) continue;
      index[at] = second;
      index[at + 1] = first;
    }
    group.sync();
  }
}

/** Some elements of a row, in memory of the group's exchange. */
struct Candidates {
  /** Fewer than none: there were more than fit. */
  int count;
  const float* value;
  const int32_t* place;

  /** How many stand before candidate c, by value, then by place. */
  WS_DEVICE int rank(int c) const {
    int before = 0;
    for (int other = 0; other < count; ++other)
      before += value[other] > value[c] || (value[other] == value[c] && place[other] < place[c]);
    return before;
  }
};

/**
 * The `wanted` greatest numbers of x[0 .. n) or all if there are fewer, and few more: each warp's greatest is known, so nothing
 * below the `wanted`th of those is needed. What is read of them has to be behind a barrier from what comes next.
 */
template <class Group>
WS_DEVICE Candidates few_largest(const Group& group, const float* x, int n, int wanted) {
  constexpr int most = (Group::exchange_bytes - 16) / 8;
  static_assert(most >= 0 && Group::exchange_bytes % 16 == 0, "candidates lie in the exchange");
  if (wanted > Group::warps / 2) return {-1, nullptr, nullptr};
  float own = -INFINITY;
  each_of(group, x, n, [&](float value, int) { own = ws_maximum(own, value); });
  const float* const best = group.gather_warps(Warp().maximum(own));
  // Every warp finds the bar for itself, which costs no barrier: half the bits of one will do, for a few candidates more.
  constexpr int each = (Group::warps + Warp::size - 1) / Warp::size;
  uint32_t keys[each];
#pragma unroll
  for (int j = 0; j < each; ++j) {
    const int w = Warp().rank() + j * Warp::size;
    keys[j] = w < Group::warps ? order_key(best[w]) : 0u;
  }
  uint32_t bar = 0;
  for (uint32_t bit = 0x80000000u; bit >= 0x00010000u; bit >>= 1) {
    int reach = 0;
#pragma unroll
    for (int j = 0; j < each; ++j) reach += __popc(__ballot_sync(0xffffffffu, keys[j] >= (bar | bit)));
    if (reach >= wanted) bar |= bit;
  }
  const uint32_t least_key = order_key(-INFINITY);
  const float least = of_order_key(bar < least_key ? least_key : bar);
  int* const counter = group.shared_by_all(reinterpret_cast<int*>(group.exchange));
  float* const values = reinterpret_cast<float*>(counter + 4);
  int32_t* const places = reinterpret_cast<int32_t*>(values + most);
  group.sync();
  if (group.leads()) *counter = 0;
  group.sync();
  each_of(group, x, n, [&](float value, int i) {
    if (!(value >= least)) return;
    const int at = atomicAdd(counter, 1);
    if (at >= most) return;
    values[at] = value;
    places[at] = i;
  });
  group.sync();
  const int found = *counter;
  if (found <= most) return {found, values, places};
  // The search that follows exchanges where the counter is, and a block of a cluster does not wait for the others to have read it.
  group.sync();
  return {-1, values, places};
}

}  // namespace detail

/** The k-th largest of x[0 .. n), k from 1 and clamped to what there is; NaN of a row without numbers. */
template <class Group>
__device__ __noinline__ float kth_largest(const Group group, const float* x, int n, int k) {
  const float none = __int_as_float(0x7fc00000);
  const detail::Candidates few = detail::few_largest(group, x, n, k < 1 ? 1 : k);
  if (few.count >= 0) {
    float* const found = group.shared_by_all(reinterpret_cast<float*>(group.exchange)) + 1;
    const int last = (k < 1 ? 1 : k < few.count ? k : few.count) - 1;
    if (group.leads()) *found = none;
    group.sync();
    for (int c = group.rank(); c < few.count; c += Group::size)
      if (few.rank(c) == last) *found = few.value[c];
    group.sync();
    const float value = *found;
    group.sync();
    return value;
  }
  const int numbers = detail::numbers_of(group, x, n);
  if (numbers == 0) return none;
  const int wanted = k < 1 ? 1 : k < numbers ? k : numbers;
  return detail::of_order_key(detail::heaviest_key<int, int>(group, x, n, wanted, [](float) { return 1; }));
}

/** The greatest number of x[0 .. n); -infinity of a row without any. */
template <class Group>
WS_DEVICE float row_maximum(const Group& group, const float* x, int n) {
  float best = -INFINITY;
  detail::each_of(group, x, n, [&](float value, int) { best = ws_maximum(best, value); });
  return group.maximum(best);
}

/**
 * The largest v among x[0 .. n) such that the exp(x_i - maximum) of all x_i >= v make up at least the share p of those of
 * the row; with p >= 1 its least finite number. NaN of a row without numbers.
 */
template <class Group>
__device__ __noinline__ float mass_threshold(const Group group, const float* x, int n, float p) {
  const float maximum = row_maximum(group, x, n);
  if (maximum == INFINITY || maximum == -INFINITY) return kth_largest(group, x, n, 1);
  if (p >= 1.0f) {
    float least = INFINITY;
    detail::each_of(group, x, n, [&](float value, int) {
      if (value < least && value > -INFINITY) least = value;
    });
    return group.reduce(least, Lesser());
  }
  float part = 0.0f;
  detail::each_of(group, x, n, [&](float value, int) { part += value == value ? ws_exp(value - maximum) : 0.0f; });
  const double mass = group.sum(static_cast<double>(part));
  return detail::of_order_key(detail::heaviest_key<float, double>(
      group, x, n, mass * static_cast<double>(p), [maximum](float value) { return ws_exp(value - maximum); }));
}

/** Place of the greatest of value(0) … value(n - 1), the least such place; 0 if all are NaN. */
template <class Group, class Value>
WS_DEVICE int32_t argmax_of(const Group& group, int n, Value value) {
  float best = -INFINITY;
  int32_t place = n;
#pragma unroll 4
  for (int i = group.rank(); i < n; i += Group::size) {
    const float candidate = value(i);
    if (candidate > best || (candidate == best && place == n)) {
      best = candidate;
      place = i;
    }
  }
  const float all = group.maximum(best);
  place = group.reduce(best == all ? place : n, Lesser());
  return place == n ? 0 : place;
}

template <class Group>
WS_DEVICE int32_t argmax(const Group& group, const float* x, int n) {
  return argmax_of(group, n, [x](int i) { return x[i]; });
}

/**
 * Places of the `count` greatest numbers of x[0 .. n), count <= n, descending, ties by the least place. Where NaN leave
 * fewer, theirs follow, ascending. `index` is memory of the group, complete when this returns.
 */
template <class Group>
__device__ __noinline__ void top_n(const Group group, const float* x, int n, int count, int32_t* index) {
  const detail::Candidates few = detail::few_largest(group, x, n, count);
  const int numbers = few.count >= 0 ? few.count : detail::numbers_of(group, x, n);
  const int chosen = count < numbers ? count : numbers;
  int filled = 0;
  if (few.count >= 0) {
    for (int c = group.rank(); c < few.count; c += Group::size) {
      const int rank = few.rank(c);
      if (rank < chosen) index[rank] = few.place[c];
    }
    filled = chosen;
    group.sync();
  } else if (chosen > 0) {
    const float bar =
        detail::of_order_key(detail::heaviest_key<int, int>(group, x, n, chosen, [](float) { return 1; }));
    filled = detail::gather_above(group, x, n, bar, index);
    detail::sort_places(group, x, filled, index);
    for (int place = -1; filled < chosen; ++filled) {
      place = detail::next_place(group, n, place, [x, bar](int i) { return x[i] == bar; });
      if (group.leads()) index[filled] = place;
    }
  }
  for (int place = -1; filled < count; ++filled) {
    place = detail::next_place(group, n, place, [&](int i) { return x[i] != x[i]; });
    if (group.leads()) index[filled] = place;
  }
  group.sync();
}

}  // namespace ws
