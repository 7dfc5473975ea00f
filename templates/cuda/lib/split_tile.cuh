// A tile of products on tensor cores whose depth the blocks of a cluster (sm_90) share: where there are few tiles, one block a tile
// would leave most of a GPU idle. Each block sums its part of the depth, then parts are added in order, each block adding and
// keeping its share of the tile's elements. Where there are no clusters, a block takes the whole depth.
#pragma once

#include "cluster.cuh"
#include "mma_tile.cuh"

namespace ws {

template <class T, int ROWS, int COLUMNS, int WARP_ROWS, int WARP_COLUMNS, int STAGES, int BLOCKS>
struct SplitTile : MmaTile<T, ROWS, COLUMNS, WARP_ROWS, WARP_COLUMNS, STAGES> {
  using Whole = MmaTile<T, ROWS, COLUMNS, WARP_ROWS, WARP_COLUMNS, STAGES>;
  using Blocks = BlocksOfUnit<BLOCKS>;
  /** Pieces of 16 rows and 8 columns, of which a lane holds 4 elements. */
  static constexpr int pieces_down = WARP_ROWS / 16;
  static constexpr int pieces_across = WARP_COLUMNS / 8;
  static constexpr int kept = pieces_down * pieces_across / Blocks::count;
  static_assert(kept * Blocks::count == pieces_down * pieces_across, "every block keeps as many pieces");
  static_assert(Whole::shared_bytes >= ROWS * COLUMNS * 4, "sums are exchanged where the stages were");

  /** The caller's share of the tile, complete. */
  struct Sums {
    float value[kept][4];
  };

  /** Where the part of block `place` begins, and where the last one ends, in whole steps. */
  static WS_DEVICE int begin_of(int place, int k) {
    const int steps = (k + Whole::depth - 1) / Whole::depth;
    const int begin = steps * place / Blocks::count * Whole::depth;
    return begin < k ? begin : k;
  }

  static WS_DEVICE void prefetch(char* shared, const typename Whole::ColumnSource& columns_from, int k) {
    Whole::prefetch_between(shared, columns_from, begin_of(Blocks::place(), k), begin_of(Blocks::place() + 1, k));
  }

  /** Behind `prefetch`. The block's shared memory is free again when it returns. */
  static WS_DEVICE void multiply(char* shared, const typename Whole::RowSource& rows_from,
                                 const typename Whole::ColumnSource& columns_from, int k, Sums& sums) {
    const int place = Blocks::place();
    typename Whole::Sums own;
    Whole::multiply_between(shared, rows_from, columns_from, begin_of(place, k), begin_of(place + 1, k), own);
    if constexpr (Blocks::count == 1) {
#pragma unroll
      for (int i = 0; i < kept; ++i)
#pragma unroll
        for (int e = 0; e < 4; ++e) sums.value[i][e] = own.value[i / pieces_across][i % pieces_across][e];
      return;
    }
    float* const exchange = reinterpret_cast<float*>(shared) + threadIdx.x;
#pragma unroll
    for (int piece = 0; piece < pieces_down * pieces_across; ++piece)
#pragma unroll
      for (int e = 0; e < 4; ++e)
        exchange[(piece * 4 + e) * Whole::threads] = own.value[piece / pieces_across][piece % pieces_across][e];
    Blocks::sync();
#pragma unroll
    for (int from = 0; from < Blocks::count; ++from) {
      const float* const part = Blocks::in_block(exchange, from) + place * kept * 4 * Whole::threads;
#pragma unroll
      for (int i = 0; i < kept; ++i)
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          const float x = part[(i * 4 + e) * Whole::threads];
          sums.value[i][e] = from == 0 ? x : sums.value[i][e] + x;
        }
    }
    Blocks::sync();
  }

  /** visit(i, c, the sums of that element) for each element of the tile that this thread keeps. */
  template <class Visit, class... Several>
  static WS_DEVICE void each(Visit visit, const Several&... sums) {
#pragma unroll
    for (int i = 0; i < kept; ++i) {
      const int piece = Blocks::place() * kept + i;
      Whole::each_of_piece(visit, piece / pieces_across, piece % pieces_across, sums.value[i]...);
    }
  }
};

}  // namespace ws
