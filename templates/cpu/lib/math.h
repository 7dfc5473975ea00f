// Elementwise functions of float, and floor division of indices.
// All are inline, branch-free and free of calls, so that a loop under `#pragma omp simd` vectorises. Bounds are those of
// test/templates/cpu/lib/math.test.ts. Polynomials after Cephes (S. L. Moshier), single precision.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace ws {

/** a * b + c, rounded once where the machine has the instruction: a call of libm's emulation would forbid vectorising. */
inline float fused(float a, float b, float c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

inline float ws_abs(float x) { return __builtin_fabsf(x); }
inline int32_t ws_abs(int32_t x) { return x < 0 ? -x : x; }

inline float ws_sqrt(float x) { return __builtin_sqrtf(x); }
inline float ws_rsqrt(float x) { return 1.0f / __builtin_sqrtf(x); }

inline float ws_floor(float x) {
#if defined(__x86_64__) && !defined(__SSE4_1__)
  // Without roundps, floorf is a call. Above 2^23 a float has no fraction.
  const float magnitude = __builtin_fabsf(x);
  const float cut = static_cast<float>(static_cast<int32_t>(magnitude < 0x1p23f ? x : 0.0f));
  const float down = cut - (cut > x ? 1.0f : 0.0f);
  return magnitude < 0x1p23f ? __builtin_copysignf(down, x) : x;
#else
  return __builtin_floorf(x);
#endif
}

/** The lesser of two numbers; a NaN is ignored unless both are. */
inline float ws_minimum(float a, float b) { return ((a < b) | (b != b)) ? a : b; }
inline int32_t ws_minimum(int32_t a, int32_t b) { return a < b ? a : b; }

/** The greater of two numbers; a NaN is ignored unless both are. */
inline float ws_maximum(float a, float b) { return ((a > b) | (b != b)) ? a : b; }
inline int32_t ws_maximum(int32_t a, int32_t b) { return a > b ? a : b; }

/**
 * exp(x) = 2^n * exp(r), n = round(x / ln 2), |r| <= ln 2 / 2. The power is applied in two halves, so that results are
 * gradual down to 2^-149 and overflow becomes infinity.
 */
inline float ws_exp(float x) {
  constexpr float shifter = 0x1.8p23f;  // adding it rounds to an integer, which is left in the low bits
  float bounded = x < -104.0f ? -104.0f : x;
  bounded = bounded > 89.0f ? 89.0f : bounded;  // comparisons with a NaN are false: it passes
  const float shifted = bounded * 0x1.715476p0f + shifter;
  const float n = shifted - shifter;
  float r = fused(n, -0.693359375f, bounded);
  r = fused(n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = fused(p, r, 1.3981999507e-3f);
  p = fused(p, r, 8.3334519073e-3f);
  p = fused(p, r, 4.1665795894e-2f);
  p = fused(p, r, 1.6666665459e-1f);
  p = fused(p, r, 5.0000001201e-1f);
  p = fused(p, r * r, r) + 1.0f;
  const int32_t exponent = static_cast<int32_t>(std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(shifter));
  const int32_t half = exponent >> 1;
  const float first = std::bit_cast<float>(static_cast<uint32_t>(half + 127) << 23);
  const float second = std::bit_cast<float>(static_cast<uint32_t>(exponent - half + 127) << 23);
  return p * first * second;
}

/** log(x): -infinity at 0, NaN below it. x = m * 2^e with m in [sqrt(1/2), sqrt(2)). */
inline float ws_log(float x) {
  const bool tiny = x < 0x1p-126f;
  const uint32_t bits = std::bit_cast<uint32_t>(tiny ? x * 0x1p23f : x);
  const uint32_t offset = bits - 0x3f3504f3u;  // sqrt(1/2)
  const int32_t exponent = static_cast<int32_t>(offset) >> 23;
  const float m = std::bit_cast<float>((offset & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  const float e = static_cast<float>(exponent) - (tiny ? 23.0f : 0.0f);
  float p = 7.0376836292e-2f;
  p = fused(p, m, -1.1514610310e-1f);
  p = fused(p, m, 1.1676998740e-1f);
  p = fused(p, m, -1.2420140846e-1f);
  p = fused(p, m, 1.4249322787e-1f);
  p = fused(p, m, -1.6668057665e-1f);
  p = fused(p, m, 2.0000714765e-1f);
  p = fused(p, m, -2.4999993993e-1f);
  p = fused(p, m, 3.3333331174e-1f);
  const float square = m * m;
  float y = p * m * square;
  y = fused(e, -2.12194440e-4f, y);
  y = fused(-0.5f, square, y);
  y = m + y;
  y = fused(e, 0.693359375f, y);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  y = x < infinity ? y : x;  // infinity and NaN are their own logarithms
  y = x == 0.0f ? -infinity : y;
  return x < 0.0f ? std::numeric_limits<float>::quiet_NaN() : y;
}

/** tanh(x): an odd polynomial below 0.625, 1 - 2 / (exp(2x) + 1) above. */
inline float ws_tanh(float x) {
  const float magnitude = __builtin_fabsf(x);
  const float square = x * x;
  float p = -5.70498872745e-3f;
  p = fused(p, square, 2.06390887954e-2f);
  p = fused(p, square, -5.37397155531e-2f);
  p = fused(p, square, 1.33314422036e-1f);
  p = fused(p, square, -3.33332819422e-1f);
  const float small = fused(p * square, x, x);
  const float large = 1.0f - 2.0f / (ws_exp(magnitude + magnitude) + 1.0f);
  return magnitude < 0.625f ? small : __builtin_copysignf(large, x);
}

/**
 * sin(x + quarters * pi / 2). The argument is reduced in double: exact enough for |x| < 2^30 and, in vector code, dearer
 * by a few conversions only. Infinity gives NaN.
 */
inline float sine_of_quarter(float x, uint32_t quarters) {
  constexpr double shifter = 0x1.8p52;
  const double wide = static_cast<double>(x);
  const double shifted = wide * 0x1.45f306dc9c883p-1 + shifter;  // 2 / pi
  const float r = static_cast<float>(wide - (shifted - shifter) * 0x1.921fb54442d18p0);
  const uint32_t quadrant = static_cast<uint32_t>(std::bit_cast<uint64_t>(shifted)) + quarters;
  const float square = r * r;
  float s = -1.9515295891e-4f;
  s = fused(s, square, 8.3321608736e-3f);
  s = fused(s, square, -1.6666654611e-1f);
  s = fused(s * square, r, r);
  float c = 2.443315711809948e-5f;
  c = fused(c, square, -1.388731625493765e-3f);
  c = fused(c, square, 4.166664568298827e-2f);
  c = fused(c, square * square, fused(-0.5f, square, 1.0f));
  const float value = (quadrant & 1u) != 0u ? c : s;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) ^ ((quadrant & 2u) << 30));
}

inline float ws_sin(float x) { return sine_of_quarter(x, 0); }
inline float ws_cos(float x) { return sine_of_quarter(x, 1); }

/** a / b rounded toward minus infinity, b != 0. A constant power of two becomes a shift. */
inline int32_t idiv(int32_t a, int32_t b) {
  if (__builtin_constant_p(b) && b > 0 && (b & (b - 1)) == 0) return a >> __builtin_ctz(static_cast<unsigned>(b));
  const int32_t quotient = a / b;
  const int32_t remainder = a - quotient * b;
  return quotient - static_cast<int32_t>((remainder != 0) & ((remainder ^ b) < 0));
}

/** a - idiv(a, b) * b: takes the sign of b. A constant power of two becomes a mask. */
inline int32_t mod(int32_t a, int32_t b) {
  if (__builtin_constant_p(b) && b > 0 && (b & (b - 1)) == 0) return a & (b - 1);
  const int32_t remainder = a % b;
  return remainder + ((remainder != 0) & ((remainder ^ b) < 0) ? b : 0);
}

}  // namespace ws
