// Order statistics of one row of floats, without sorting it: selections by radix over patterns of bits that order as the
// numbers do. A NaN is passed over; -0 stands below +0 where a pattern decides, and equals it in comparisons.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "math.h"

namespace ws {

namespace detail {

/** Orders as the numbers do; a NaN gets 0, below -infinity. */
inline uint32_t order_key(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const uint32_t key = (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
  return x == x ? key : 0u;
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

}  // namespace detail

/**
 * The k-th largest of x[0 .. n), k from 1 and clamped to what there is; NaN of a row without numbers. Three passes of
 * counting over n, whatever k.
 */
inline float kth_largest(const float* x, int n, int k) {
  int64_t left = k < 1 ? 1 : k;
  uint32_t prefix = 0;
  for (int level = 0; level < 3; ++level) {
    int32_t count[detail::radix] = {};
    for (int i = 0; i < n; ++i) {
      const uint32_t key = detail::order_key(x[i]);
      if (key != 0u && detail::has_prefix(key, prefix, level)) ++count[detail::digit_of(key, level)];
    }
    int lowest = -1;
    int at = detail::radix - 1;
    for (; at >= 0; --at) {
      if (count[at] == 0) continue;
      lowest = at;
      if (left <= count[at]) break;
      left -= count[at];
    }
    if (lowest < 0) return std::numeric_limits<float>::quiet_NaN();
    if (at < 0) left = count[at = lowest];  // k beyond what there is: the least of them
    prefix |= static_cast<uint32_t>(at) << detail::digits[level].shift;
  }
  return detail::of_order_key(prefix);
}

namespace detail {

/** Adds exp(x - maximum) of what has the prefix to its digit's mass; sums in double, in the order of x. */
inline void add_masses(const float* x, int n, float maximum, uint32_t prefix, int level, double* mass) {
  constexpr int chunk = 256;
  float weight[chunk];
  for (int begin = 0; begin < n; begin += chunk) {
    const int size = n - begin < chunk ? n - begin : chunk;
#pragma omp simd
    for (int i = 0; i < size; ++i) weight[i] = ws_exp(x[begin + i] - maximum);
    for (int i = 0; i < size; ++i) {
      const uint32_t key = order_key(x[begin + i]);
      if (key != 0u && has_prefix(key, prefix, level)) mass[digit_of(key, level)] += weight[i];
    }
  }
}

}  // namespace detail

/** The greatest number of x[0 .. n); -infinity of a row without any. */
inline float row_maximum(const float* x, int n) {
  float best = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : best)
  for (int i = 0; i < n; ++i) best = x[i] > best ? x[i] : best;
  return best;
}

/**
 * The largest v among x[0 .. n) such that the exp(x_i - maximum) of all x_i >= v make up at least the share p of those of
 * the row; with p >= 1 its least finite number. NaN of a row without numbers.
 */
inline float mass_threshold(const float* x, int n, float p) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float maximum = row_maximum(x, n);
  if (maximum == infinity || maximum == -infinity) return kth_largest(x, n, 1);
  if (p >= 1.0f) {
    float least = maximum;
#pragma omp simd reduction(min : least)
    for (int i = 0; i < n; ++i) least = (x[i] < least) & (x[i] > -infinity) ? x[i] : least;
    return least;
  }
  double above = 0;  // mass of what is larger than every candidate left
  double wanted = 0;
  uint32_t prefix = 0;
  for (int level = 0; level < 3; ++level) {
    double mass[detail::radix] = {};
    detail::add_masses(x, n, maximum, prefix, level, mass);
    if (level == 0) {
      double total = 0;
      for (int at = detail::radix - 1; at >= 0; --at) total += mass[at];
      wanted = total * static_cast<double>(p);
    }
    int chosen = -1;
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
  }
  return detail::of_order_key(prefix);
}

/** Place of the greatest number, the least such place; 0 of a row of NaN. */
inline int32_t argmax(const float* x, int n) {
  const float best = row_maximum(x, n);
  for (int32_t i = 0; i < n; ++i)
    if (x[i] == best) return i;
  return 0;
}

/**
 * Places of the `count` greatest numbers of x[0 .. n), count <= n, descending, ties by the least place. Where NaN leave
 * fewer, theirs follow, ascending.
 */
inline void top_n(const float* x, int n, int count, int32_t* index) {
  int filled = 0;
  const auto insert = [&](int32_t place) {
    int at = filled < count ? filled++ : count - 1;
    for (; at > 0 && x[index[at - 1]] < x[place]; --at) index[at] = index[at - 1];
    index[at] = place;
  };
  int i = 0;
  for (; i < n && filled < count; ++i)
    if (x[i] == x[i]) insert(i);
  constexpr int chunk = 64;
  while (i < n) {
    // Most chunks hold nothing above the least of those found: one vector comparison passes them by.
    const int end = n - i < chunk ? n : i + chunk;
    const float least = x[index[count - 1]];
    int found = 0;
#pragma omp simd reduction(| : found)
    for (int at = i; at < end; ++at) found |= x[at] > least;
    if (found != 0)
      for (int at = i; at < end; ++at)
        if (x[at] > x[index[count - 1]]) insert(at);
    i = end;
  }
  for (int32_t at = 0; at < n && filled < count; ++at)
    if (x[at] != x[at]) index[filled++] = at;
}

}  // namespace ws
