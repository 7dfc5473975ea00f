// All that a generated kernel may use.
#pragma once

#include <climits>
#include <cstdint>

#include "attend_mma.cuh"
#include "attend_parts.cuh"
#include "attend_tile.cuh"
#include "batch.cuh"
#include "block.cuh"
#include "cluster.cuh"
#include "fma_tile.cuh"
#include "key_range.cuh"
#include "launch.cuh"
#include "math.cuh"
#include "mma_tile.cuh"
#include "philox.cuh"
#include "row_tile.cuh"
#include "select.cuh"
#include "split_tile.cuh"
#include "stream_tile.cuh"
#include "tile_place.cuh"
#include "types.cuh"
#include "vector.cuh"
#include "warp.cuh"
