// The sums (or maxima) of the lanes of many vectors at once, by shuffles. Each is the same fixed tree: lane l takes lane l + half,
// for halves of 8 (or what the vector has), 4, 2 and 1 lanes.
#pragma once

#include <cstdint>
#include <cstring>

#include "simd.h"

namespace ws::detail {

struct Sum {
  vec operator()(vec a, vec b) const { return a + b; }
};
struct Greater {
  vec operator()(vec a, vec b) const { return a > b ? a : b; }
};

/**
 * First and second halves of every piece of two, four, eight or sixteen lanes of a and of b, joined: a level of the tree. Where
 * the halves of b come the other way round, a blend takes the place of one of two shuffles, for which there is one port.
 */
#if defined(WS_AVX512)
template <class Join = Sum>
inline vec fold16(vec a, vec b) {
  return Join()(_mm512_mask_blend_ps(0xff00, a, b),
                __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
}
template <class Join = Sum>
inline vec fold8(vec a, vec b) {
  return Join()(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
                __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31));
}
/** As fold8, the pieces of a and b taking turns. */
template <class Join = Sum>
inline vec fold8_by_turns(vec a, vec b) {
  return Join()(_mm512_mask_blend_ps(0xf0f0, a, b),
                __builtin_shufflevector(a, b, 4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15, 24, 25, 26, 27));
}
template <class Join = Sum>
inline vec fold4(vec a, vec b) {
  return Join()(_mm512_mask_blend_ps(0xcccc, a, b),
                __builtin_shufflevector(a, b, 2, 3, 16, 17, 6, 7, 20, 21, 10, 11, 24, 25, 14, 15, 28, 29));
}
template <class Join = Sum>
inline vec fold2(vec a, vec b) {
  return Join()(__builtin_shufflevector(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30),
                __builtin_shufflevector(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31));
}
#elif defined(__AVX2__)
template <class Join = Sum>
inline vec fold8(vec a, vec b) {
  return Join()(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11),
                __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15));
}
template <class Join = Sum>
inline vec fold4(vec a, vec b) {
  return Join()(__builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13),
                __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15));
}
template <class Join = Sum>
inline vec fold2(vec a, vec b) {
  return Join()(__builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14),
                __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15));
}
#else
template <class Join = Sum>
inline vec fold4(vec a, vec b) {
  return Join()(__builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7));
}
template <class Join = Sum>
inline vec fold2(vec a, vec b) {
  return Join()(__builtin_shufflevector(a, b, 0, 2, 4, 6), __builtin_shufflevector(a, b, 1, 3, 5, 7));
}
#endif

/**
 * The sums of `lanes` vectors, each by that tree. The shuffles work inside 16-byte pieces at the last two
 * levels, so that lane 4i + q holds the sum of vector (lanes / 4) * q + i.
 */
template <class Join = Sum>
inline vec fold_all(const vec* v) {
#if defined(WS_AVX512)
  const vec q0 = fold8<Join>(fold16<Join>(v[0], v[1]), fold16<Join>(v[2], v[3]));
  const vec q1 = fold8<Join>(fold16<Join>(v[4], v[5]), fold16<Join>(v[6], v[7]));
  const vec q2 = fold8<Join>(fold16<Join>(v[8], v[9]), fold16<Join>(v[10], v[11]));
  const vec q3 = fold8<Join>(fold16<Join>(v[12], v[13]), fold16<Join>(v[14], v[15]));
  return fold2<Join>(fold4<Join>(q0, q1), fold4<Join>(q2, q3));
#elif defined(__AVX2__)
  const vec low = fold4<Join>(fold8<Join>(v[0], v[1]), fold8<Join>(v[2], v[3]));
  return fold2<Join>(low, fold4<Join>(fold8<Join>(v[4], v[5]), fold8<Join>(v[6], v[7])));
#else
  return fold2<Join>(fold4<Join>(v[0], v[1]), fold4<Join>(v[2], v[3]));
#endif
}

/** How many sums `fold_row` gives. */
inline constexpr int row_sums = lanes > 4 ? lanes / 2 : lanes;
typedef float row_vec __attribute__((vector_size(4 * row_sums)));

/** The sums of `row_sums` vectors by the same tree, in their order. */
inline row_vec fold_row(const vec* v) {
#if defined(WS_AVX512)
  const vec q0 = fold8_by_turns(fold16(v[0], v[4]), fold16(v[2], v[6]));
  const vec q1 = fold8_by_turns(fold16(v[1], v[5]), fold16(v[3], v[7]));
  const vec pairs = fold4(q0, q1);
  return __builtin_shufflevector(pairs, pairs, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(pairs, pairs, 1, 3, 5, 7, 9, 11, 13, 15);
#elif defined(__AVX2__)
  const vec pairs = fold4(fold8(v[0], v[2]), fold8(v[1], v[3]));
  return __builtin_shufflevector(pairs, pairs, 0, 2, 4, 6) + __builtin_shufflevector(pairs, pairs, 1, 3, 5, 7);
#else
  return fold_all(v);
#endif
}

/** Which of the `lanes` sums of a tile with N columns is that of element (r, c), so that folded sums lie in rows. */
template <int N>
constexpr int tile_place(int r, int c) {
  const int lane = r * N + c;
  return (lanes / 4) * (lane % 4) + lane / 4;
}

/** Folds the sums of a tile of M x N elements and stores those in `rows` and `columns`. */
template <int M, int N>
inline void store_tile(const vec* sum, int rows, int columns, float* out, int64_t out_stride) {
  float flat[lanes];
  store_f32(flat, fold_all(sum));
  if (columns >= N) {
#pragma GCC unroll 4
    for (int r = 0; r < M; ++r)
      if (r < rows) std::memcpy(out + r * out_stride, flat + r * N, N * sizeof(float));
  } else {
    for (int r = 0; r < M && r < rows; ++r)
      for (int c = 0; c < columns; ++c) out[r * out_stride + c] = flat[r * N + c];
  }
}

}  // namespace ws::detail
