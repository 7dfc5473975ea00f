// Conversions between float and the patterns of bits of 16-bit types: single instructions.
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

}  // namespace ws
