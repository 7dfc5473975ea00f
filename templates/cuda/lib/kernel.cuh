// All that a generated kernel may use.
#pragma once

#include <climits>
#include <cstdint>

#include "attend_tile.cuh"
#include "batch.cuh"
#include "block.cuh"
#include "cluster.cuh"
#include "fma_tile.cuh"
#include "launch.cuh"
#include "math.cuh"
#include "mma_tile.cuh"
#include "philox.cuh"
#include "select.cuh"
#include "stream_tile.cuh"
#include "tile_place.cuh"
#include "types.cuh"
#include "vector.cuh"
#include "warp.cuh"
