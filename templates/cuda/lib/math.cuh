// Elementwise functions of float, and floor division of indices. An author's functions have the accurate forms of CUDA's
// library; what the hardware approximates is used inside of a softmax of 16-bit values alone. Names as on the CPU.
#pragma once

#include <cstdint>

#include "conversions.cuh"
#include "target.cuh"

namespace ws {

/** a * b + c, rounded once. */
WS_DEVICE float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }

WS_DEVICE float ws_abs(float x) { return fabsf(x); }
WS_DEVICE int32_t ws_abs(int32_t x) { return x < 0 ? -x : x; }

WS_DEVICE float ws_sqrt(float x) { return __fsqrt_rn(x); }
WS_DEVICE float ws_rsqrt(float x) { return __fdiv_rn(1.0f, __fsqrt_rn(x)); }
WS_DEVICE float ws_floor(float x) { return floorf(x); }

/** The lesser of two numbers; a NaN is ignored unless both are. */
WS_DEVICE float ws_minimum(float a, float b) { return fminf(a, b); }
WS_DEVICE int32_t ws_minimum(int32_t a, int32_t b) { return a < b ? a : b; }

/** The greater of two numbers; a NaN is ignored unless both are. */
WS_DEVICE float ws_maximum(float a, float b) { return fmaxf(a, b); }
WS_DEVICE int32_t ws_maximum(int32_t a, int32_t b) { return a > b ? a : b; }

WS_DEVICE float ws_exp(float x) { return expf(x); }
WS_DEVICE float ws_log(float x) { return logf(x); }
WS_DEVICE float ws_tanh(float x) { return tanhf(x); }

/**
 * sin(x + quarters * pi / 2). The argument is reduced in double: exact enough for |x| < 2^30, and without the table in local
 * memory that sinf needs for large ones. Polynomials after Cephes (S. L. Moshier). Infinity gives NaN.
 */
WS_DEVICE float sine_of_quarter(float x, uint32_t quarters) {
  const double shifter = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer, which is left in the low bits
  const double wide = static_cast<double>(x);
  const double shifted = fma(wide, 0.63661977236758134308, shifter);  // 2 / pi
  const float r = static_cast<float>(fma(-(shifted - shifter), 1.57079632679489661923, wide));
  const uint32_t quadrant = static_cast<uint32_t>(__double_as_longlong(shifted)) + quarters;
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
  return __uint_as_float(__float_as_uint(value) ^ ((quadrant & 2u) << 30));
}

WS_DEVICE float ws_sin(float x) { return sine_of_quarter(x, 0); }
WS_DEVICE float ws_cos(float x) { return sine_of_quarter(x, 1); }

/** a / b rounded toward minus infinity, b != 0. */
WS_DEVICE int32_t idiv(int32_t a, int32_t b) {
  const int32_t quotient = a / b;
  const int32_t remainder = a - quotient * b;
  return quotient - static_cast<int32_t>((remainder != 0) & ((remainder ^ b) < 0));
}

/** a - idiv(a, b) * b: takes the sign of b. */
WS_DEVICE int32_t mod(int32_t a, int32_t b) {
  const int32_t remainder = a % b;
  return remainder + ((remainder != 0) & ((remainder ^ b) < 0) ? b : 0);
}

}  // namespace ws
