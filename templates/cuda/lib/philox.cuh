// Counter-based random numbers, bitwise those of dsl/lang/philox.ts, which states the algorithm. Every float operation is
// rounded on its own: the intrinsics with a rounding mode are never contracted.
#pragma once

#include <cstdint>

#include "target.cuh"

namespace ws {

/** First word of the Philox4x32-10 block of counter (id, position, 0, 0) and key (seed, 0). */
WS_DEVICE uint32_t philox_word(uint32_t seed, uint32_t position, uint32_t id) {
  constexpr uint32_t multiplier0 = 0xd2511f53u;
  constexpr uint32_t multiplier1 = 0xcd9e8d57u;
  uint32_t c0 = id, c1 = position, c2 = 0, c3 = 0;
  uint32_t k0 = seed, k1 = 0;
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = static_cast<uint64_t>(multiplier0) * c0;
    const uint64_t product1 = static_cast<uint64_t>(multiplier1) * c2;
    c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(product1);
    c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(product0);
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  return c0;
}

/** a * b + c, each operation rounded. */
WS_DEVICE float two_roundings(float a, float b, float c) { return __fadd_rn(__fmul_rn(a, b), c); }

/** log of a positive, finite, normal float: `logF32` of dsl/lang/philox.ts, operation by operation. */
WS_DEVICE float philox_log(float x) {
  const int32_t bits = __float_as_int(x);
  const float mantissa = __int_as_float((bits & 0x007fffff) | 0x3f000000);
  const bool lower = mantissa < 0.707106781186547524f;
  const float exponent = static_cast<float>((bits >> 23) - 126 - static_cast<int32_t>(lower));
  const float m = __fadd_rn(lower ? __fadd_rn(mantissa, mantissa) : mantissa, -1.0f);
  const float z = __fmul_rn(m, m);
  float y = 7.0376836292e-2f;
  y = two_roundings(y, m, -1.151461031e-1f);
  y = two_roundings(y, m, 1.167699874e-1f);
  y = two_roundings(y, m, -1.2420140846e-1f);
  y = two_roundings(y, m, 1.4249322787e-1f);
  y = two_roundings(y, m, -1.6668057665e-1f);
  y = two_roundings(y, m, 2.0000714765e-1f);
  y = two_roundings(y, m, -2.4999993993e-1f);
  y = two_roundings(y, m, 3.3333331174e-1f);
  y = __fmul_rn(__fmul_rn(y, m), z);
  y = two_roundings(exponent, -2.12194440e-4f, y);
  y = __fadd_rn(y, -__fmul_rn(0.5f, z));
  return two_roundings(exponent, 0.693359375f, __fadd_rn(m, y));
}

/** A uniform draw, strictly between 0 and 1: one of 2^23 equally spaced values. */
WS_DEVICE float ws_uniform(int32_t seed, int32_t position, int32_t id) {
  const uint32_t word = philox_word(static_cast<uint32_t>(seed), static_cast<uint32_t>(position), static_cast<uint32_t>(id));
  return __fmul_rn(__fadd_rn(static_cast<float>(static_cast<int32_t>(word >> 9)), 0.5f), 1.1920928955078125e-7f);  // 2^-23
}

/** A draw from the standard Gumbel distribution. */
WS_DEVICE float ws_gumbel(int32_t seed, int32_t position, int32_t id) {
  return -philox_log(-philox_log(ws_uniform(seed, position, id)));
}

}  // namespace ws
