// As templates/cuda/lib/conversions.cuh says, on the simulated GPU: the same bits, a NaN becomes the one that cvt gives.
#pragma once

#include "simt_halves.h"

namespace ws {

using simt::bits_of_bf16;
using simt::bits_of_f16;
using simt::f32_of_f16;

}  // namespace ws
