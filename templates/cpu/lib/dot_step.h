// How rows of each type are multiplied along k: the one place that says which elements meet in which order.
#pragma once

#include <cstdint>

#include "simd.h"

namespace ws {

/**
 * How a step of k multiplies: `span` elements of each operand into one accumulator. Where that is vector by vector of floats,
 * `part<p>` loads vector p of the span / lanes.
 */
template <class A, class W>
struct DotStep {
  static constexpr int span = lanes;
  using X = vec;
  using Y = vec;
  static X load_x(const A* p) { return load_f32(p); }
  static Y load_w(const W* p) { return load_f32(p); }
  static X load_x(const A* p, int count) { return load_f32(p, count); }
  static Y load_w(const W* p, int count) { return load_f32(p, count); }
  static vec step(vec sum, X x, Y w) { return fused(x, w, sum); }
  /** What `widen_span` left. */
  static X widened(const float* p) { return load_f32(p); }
  template <int p>
  static vec part(const A* x) {
    static_assert(p == 0);
    return load_f32(x);
  }
};

/** Whether a step begins by widening its operands, work that is worth doing once where they meet often. */
template <class A, class W>
inline constexpr bool step_widens = !(std::is_same_v<A, float> && std::is_same_v<W, float>);

/** `span` elements of a step's operand as floats, in the order in which the step multiplies them. */
template <int span, class T>
inline void widen_span(const T* p, float* to) {
  if constexpr (span == lanes) {
    store_f32(to, load_f32(p));
  } else {
    static_assert(span == 2 * lanes && sizeof(T) == 2);
    const vec_u32 both = load_vector<vec_u32>(p);
    store_f32(to, reinterpret_cast<vec>(both << 16));
    store_f32(to + lanes, reinterpret_cast<vec>(both & 0xffff0000u));
  }
}

#if defined(WS_AVX512) && defined(__AVX512BF16__)
template <>
inline constexpr bool step_widens<bf16, bf16> = false;

/** vdpbf16ps: two products a lane, odd element first; it takes subnormals for zero. */
template <>
struct DotStep<bf16, bf16> {
  static constexpr int span = 32;
  using X = __m512i;
  using Y = __m512i;
  static X load_x(const bf16* p) { return _mm512_loadu_si512(p); }
  static Y load_w(const bf16* p) { return _mm512_loadu_si512(p); }
  static X load_x(const bf16* p, int count) {
    return _mm512_maskz_loadu_epi16(static_cast<__mmask32>((uint64_t{1} << count) - 1), p);
  }
  static Y load_w(const bf16* p, int count) { return load_x(p, count); }
  static vec step(vec sum, X x, Y w) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(x), reinterpret_cast<__m512bh>(w));
  }
};
#else
/** Two bf16 in 32 bits are widened by a shift and a mask, cheaper than an unpacking; even elements first. */
template <>
struct DotStep<bf16, bf16> {
  static constexpr int span = 2 * lanes;
  struct Pair {
    vec even, odd;
  };
  using X = Pair;
  using Y = Pair;
  template <int p>
  static vec part(const bf16* x) {
    const vec_u32 both = load_vector<vec_u32>(x);
    return reinterpret_cast<vec>(p == 0 ? both << 16 : both & 0xffff0000u);
  }
  static X load_x(const bf16* p) { return {part<0>(p), part<1>(p)}; }
  static Y load_w(const bf16* p) { return load_x(p); }
  static X load_x(const bf16* p, int count) {
    bf16 padded[span] = {};
    for (int i = 0; i < count; ++i) padded[i] = p[i];
    return load_x(padded);
  }
  static Y load_w(const bf16* p, int count) { return load_x(p, count); }
  static vec step(vec sum, X x, Y w) { return fused(x.odd, w.odd, fused(x.even, w.even, sum)); }
  static X widened(const float* p) { return {load_f32(p), load_f32(p + lanes)}; }
};
#endif

}  // namespace ws
