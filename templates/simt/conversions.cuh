// As templates/cuda/lib/conversions.cuh says, on the simulated GPU: the same bits, a NaN becomes the one that cvt gives; the power
// of two is the accurate one.
#pragma once

#include <cmath>

#include "simt_halves.h"
#include "target.cuh"

namespace ws {

using simt::bits_of_bf16;
using simt::bits_of_f16;
using simt::f32_of_f16;

WS_DEVICE uint32_t pair_of_bf16(float first, float second) {
  return uint32_t(bits_of_bf16(first)) | uint32_t(bits_of_bf16(second)) << 16;
}

WS_DEVICE uint32_t pair_of_f16(float first, float second) {
  return uint32_t(bits_of_f16(first)) | uint32_t(bits_of_f16(second)) << 16;
}

WS_DEVICE float exp2_of_hardware(float x) { return x < -126.0f ? 0.0f : exp2f(x); }

WS_DEVICE int32_t recomputed(int32_t x) { return x; }

}  // namespace ws
