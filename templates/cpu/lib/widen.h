// Rows of a product widened to floats, once for all that they meet, in pieces of k.
#pragma once

#include "dot_step.h"
#include "simd.h"

namespace ws::detail {

/** Elements, `most` at most, of the piece of k that begins at `begin`: the pieces of one product are of about one length. */
inline int piece_of(int k, int begin, int most, int span) {
  const int pieces = (k + most - 1) / most;
  const int each = (k + pieces * span - 1) / (pieces * span) * span;
  return k - begin < each ? k - begin : each;
}

/** Widens `count` elements; what is missing of the last step is zero. */
template <int span, class T>
inline void widen_row(const T* p, int count, float* to) {
  int at = 0;
  for (; at + span <= count; at += span) widen_span<span>(p + at, to + at);
  if (at == count) return;
  T padded[span] = {};
  for (int i = 0; at + i < count; ++i) padded[i] = p[at + i];
  widen_span<span>(padded, to + at);
}

}  // namespace ws::detail
