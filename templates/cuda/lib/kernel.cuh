// All that a generated kernel may use.
#pragma once

#include <climits>
#include <cstdint>

#include "batch.cuh"
#include "block.cuh"
#include "launch.cuh"
#include "math.cuh"
#include "philox.cuh"
#include "select.cuh"
#include "types.cuh"
#include "warp.cuh"
