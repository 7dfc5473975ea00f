// Order statistics of one row of floats, without sorting it: selections by radix over patterns of bits that order as the
// numbers do, or lists of a few leaders. A NaN is passed over; -0 stands below +0 where a pattern decides.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "math.h"

namespace ws {

namespace detail {

/** Orders as the numbers do; not for NaN. */
inline uint32_t order_key(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}

inline float of_order_key(uint32_t key) {
  return std::bit_cast<float>((key & 0x80000000u) != 0u ? key & 0x7fffffffu : ~key);
}

/** A key is read in three digits, the highest first. */
struct Digit {
  int shift;
  int bits;
};
inline constexpr Digit digits[3] = {{21, 11}, {10, 11}, {0, 10}};
inline constexpr int radix = 1 << 11;

/** Whether a key has the digits found so far, all those above the one at `level`. */
inline bool has_prefix(uint32_t key, uint32_t prefix, int level) {
  return level == 0 || (key >> digits[level - 1].shift) == (prefix >> digits[level - 1].shift);
}

/** Place in the digit at `level`. */
inline int digit_of(uint32_t key, int level) {
  return static_cast<int>((key >> digits[level].shift) & ((1u << digits[level].bits) - 1u));
}

/** Calls visit(i) for the x[i] >= low, ascending. One vector comparison passes by a chunk that holds none. */
template <class Visit>
inline void visit_from(const float* x, int n, float low, Visit visit) {
  constexpr int chunk = 64;
  for (int begin = 0; begin < n; begin += chunk) {
    const int end = n - begin < chunk ? n : begin + chunk;
    int found = 0;
#pragma omp simd reduction(| : found)
    for (int i = begin; i < end; ++i) found |= x[i] >= low;
    if (found == 0) continue;
    for (int i = begin; i < end; ++i)
      if (x[i] >= low) visit(i);
  }
}

/** Up to 64 numbers, descending. */
class Leaders {
 public:
  static constexpr int most = 64;

  explicit Leaders(int count) : count_(count) {}

  /** What a number must exceed to enter. */
  float bar() const { return filled_ < count_ ? -std::numeric_limits<float>::infinity() : least(); }
  float least() const { return filled_ > 0 ? value_[filled_ - 1] : std::numeric_limits<float>::quiet_NaN(); }

  void enter(float value) {
    if (filled_ == count_ && !(value > least())) return;
    int at = filled_ < count_ ? filled_++ : count_ - 1;
    for (; at > 0 && value_[at - 1] < value; --at) value_[at] = value_[at - 1];
    value_[at] = value;
  }

 private:
  int count_;
  int filled_ = 0;
  float value_[most];
};

/** For k <= 64: what enters the list of the k greatest soon gets rare. */
inline float kth_of_leaders(const float* x, int n, int k) {
  Leaders leaders(k);
  constexpr int chunk = 64;
  for (int begin = 0; begin < n; begin += chunk) {
    const int end = n - begin < chunk ? n : begin + chunk;
    visit_from(x + begin, end - begin, leaders.bar(), [&](int i) { leaders.enter(x[begin + i]); });
  }
  return leaders.least();
}

/** For any k: three passes of counting. */
inline float kth_by_radix(const float* x, int n, int k) {
  int64_t left = k;
  uint32_t prefix = 0;
  for (int level = 0; level < 3; ++level) {
    int32_t count[radix] = {};
    float low = of_order_key(prefix);
    if (!(low > -std::numeric_limits<float>::infinity())) low = -std::numeric_limits<float>::infinity();
    visit_from(x, n, low, [&](int i) {
      const uint32_t key = order_key(x[i]);
      if (has_prefix(key, prefix, level)) ++count[digit_of(key, level)];
    });
    int lowest = -1;
    int at = radix - 1;
    for (; at >= 0; --at) {
      if (count[at] == 0) continue;
      lowest = at;
      if (left <= count[at]) break;
      left -= count[at];
    }
    if (lowest < 0) return std::numeric_limits<float>::quiet_NaN();
    if (at < 0) left = count[at = lowest];  // k beyond what there is: the least of them
    prefix |= static_cast<uint32_t>(at) << digits[level].shift;
  }
  return of_order_key(prefix);
}

}  // namespace detail

/** The k-th largest of x[0 .. n), k from 1 and clamped to what there is; NaN of a row without numbers. */
inline float kth_largest(const float* x, int n, int k) {
  if (k <= detail::Leaders::most) return detail::kth_of_leaders(x, n, k < 1 ? 1 : k);
  return detail::kth_by_radix(x, n, k);
}

/** The greatest number of x[0 .. n); -infinity of a row without any. */
inline float row_maximum(const float* x, int n) {
  float best = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : best)
  for (int i = 0; i < n; ++i) best = x[i] > best ? x[i] : best;
  return best;
}

namespace detail {

/** The sum of exp(x_i - maximum) over the numbers of the row: floats by chunks, the chunks in double. */
inline double mass_of_row(const float* x, int n, float maximum) {
  constexpr int chunk = 64;
  double all = 0;
  for (int begin = 0; begin < n; begin += chunk) {
    const int end = n - begin < chunk ? n : begin + chunk;
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int i = begin; i < end; ++i) part += x[i] == x[i] ? ws_exp(x[i] - maximum) : 0.0f;
    all += part;
  }
  return all;
}

/** The least finite number of a row that has one. */
inline float row_minimum(const float* x, int n) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  float least = infinity;
#pragma omp simd reduction(min : least)
  for (int i = 0; i < n; ++i) least = (x[i] < least) & (x[i] > -infinity) ? x[i] : least;
  return least;
}

}  // namespace detail

/**
 * The largest v among x[0 .. n) such that the exp(x_i - maximum) of all x_i >= v make up at least the share p of those of
 * the row; with p >= 1 its least finite number. NaN of a row without numbers.
 */
inline float mass_threshold(const float* x, int n, float p) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float maximum = row_maximum(x, n);
  if (maximum == infinity || maximum == -infinity) return kth_largest(x, n, 1);
  if (p >= 1.0f) return detail::row_minimum(x, n);
  const double mass_of_all = detail::mass_of_row(x, n, maximum);
  const double wanted = mass_of_all * static_cast<double>(p);
  // All numbers below this hold (1 - p) of the mass at most: the answer does not lie among them.
  float low = maximum + ws_log(static_cast<float>((mass_of_all - wanted) / n)) - 0.01f;
  double above = 0;  // mass of what is larger than every candidate left
  uint32_t prefix = 0;
  for (int level = 0; level < 3; ++level) {
    double mass[detail::radix] = {};
    detail::visit_from(x, n, low, [&](int i) {
      const uint32_t key = detail::order_key(x[i]);
      if (detail::has_prefix(key, prefix, level)) mass[detail::digit_of(key, level)] += ws_exp(x[i] - maximum);
    });
    int chosen = 0;
    double above_chosen = above;
    double sum = above;
    for (int at = detail::radix - 1; at >= 0; --at) {
      if (mass[at] == 0) continue;
      chosen = at;  // rounding may leave the last one short of what was wanted: it is the answer then
      above_chosen = sum;
      sum += mass[at];
      if (sum >= wanted) break;
    }
    above = above_chosen;
    prefix |= static_cast<uint32_t>(chosen) << detail::digits[level].shift;
    const float bound = detail::of_order_key(prefix);
    low = bound > low ? bound : low;
  }
  return detail::of_order_key(prefix);
}

/** Place of the greatest number, the least such place; 0 of a row of NaN. */
inline int32_t argmax(const float* x, int n) {
  const float best = row_maximum(x, n);
  constexpr int32_t chunk = 256;
  for (int32_t begin = 0; begin < n; begin += chunk) {
    const int32_t end = n - begin < chunk ? n : begin + chunk;
    // Vector code has no way out of a loop.
    int32_t equal = 0;
#pragma omp simd reduction(| : equal)
    for (int32_t i = begin; i < end; ++i) equal |= x[i] == best;
    if (equal == 0) continue;
    for (int32_t i = begin; i < end; ++i)
      if (x[i] == best) return i;
  }
  return 0;
}

/**
 * Places of the `count` greatest numbers of x[0 .. n), count <= n, descending, ties by the least place. Where NaN leave
 * fewer, theirs follow, ascending.
 */
inline void top_n(const float* x, int n, int count, int32_t* index) {
  int filled = 0;
  constexpr int chunk = 64;
  for (int begin = 0; begin < n; begin += chunk) {
    const int size = n - begin < chunk ? n - begin : chunk;
    const float bar = filled < count ? -std::numeric_limits<float>::infinity() : x[index[count - 1]];
    detail::visit_from(x + begin, size, bar, [&](int i) {
      const int32_t place = begin + i;
      if (filled == count && !(x[place] > x[index[count - 1]])) return;
      int at = filled < count ? filled++ : count - 1;
      for (; at > 0 && x[index[at - 1]] < x[place]; --at) index[at] = index[at - 1];
      index[at] = place;
    });
  }
  for (int32_t at = 0; at < n && filled < count; ++at)
    if (x[at] != x[at]) index[filled++] = at;
}

}  // namespace ws
