// Single instructions: conversions between float and the patterns of bits of 16-bit types, the power of two, and none.
#pragma once

#include <cstdint>

#include "target.cuh"

namespace ws {

WS_DEVICE float f32_of_f16(uint16_t bits) {
  float wide;
  asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(bits));
  return wide;
}

WS_DEVICE uint16_t bits_of_bf16(float x) {
  uint16_t bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}

WS_DEVICE uint16_t bits_of_f16(float x) {
  uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}

/** Two elements in a word, the first in its lower half. */
WS_DEVICE uint32_t pair_of_bf16(float first, float second) {
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
}

WS_DEVICE uint32_t pair_of_f16(float first, float second) {
  uint32_t pair;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
}

/** 2^x with a relative error of 2^-22; results below 2^-126 are 0. */
WS_DEVICE float exp2_of_hardware(float x) {
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
  return power;
}

/** x. The compiler does not keep what it computes from it for a later turn of a loop: where that costs less than a register. */
WS_DEVICE int32_t recomputed(int32_t x) {
  asm volatile("" : "+r"(x));
  return x;
}

}  // namespace ws
