// Rows of 16-bit elements in shared memory as tensor cores read them: copied by cp.async, 16 bytes a lane, read by ldmatrix.
//
// A row is whole matrices of 16 elements, zeros behind its depth. Eight rows that are read together must not meet in a bank: where
// a row is a multiple of 128 bytes its 16-byte pieces are permuted by the row's number, else rows lie an odd number of pieces
// apart.
#pragma once

#include <cstdint>

#include "async.cuh"
#include "conversions.cuh"
#include "warp.cuh"

namespace ws {

template <class T, int ROWS, int DEPTH, int WARPS>
struct RowTile {
  using Element = T;
  static constexpr int rows = ROWS;
  /** Pieces of 16 bytes: in a row of device memory, and in one of the tile. */
  static constexpr int copied = DEPTH / 8;
  static constexpr int pieces = (DEPTH + 15) / 16 * 2;
  static constexpr bool permuted = pieces % 8 == 0;
  static constexpr int pitch = permuted ? pieces : pieces + 1;
  static constexpr int bytes = ROWS * pitch * 16;
  /** Rows that a warp copies. */
  static constexpr int own = ROWS / WARPS;
  static_assert(sizeof(T) == 2 && DEPTH % 8 == 0, "rows of whole pieces");
  static_assert(ROWS % WARPS == 0 && own <= Warp::size, "a lane knows the address of one row");

  /** Where piece `piece` of row `row` lies, in bytes. */
  static WS_DEVICE int place(int row, int piece) {
    return (row * pitch + (permuted ? piece ^ (row & 7) : piece)) * 16;
  }

  /** From there to the rows of the next matrices: 16 further on. */
  static constexpr int next_rows = 16 * pitch * 16;

  /** Where pieces 2 * pair and 2 * pair + 1 lie, from the place of piece 0 and 1 of the row; but one register for four pairs. */
  static WS_DEVICE int along(int place, int pair) {
    return permuted ? (place ^ (pair % 4 * 32)) + pair / 4 * 128 : place + pair * 32;
  }

  /**
   * Starts to copy the rows row_of(0 … count - 1), count > 0; those behind become zeros. By all warps of the block. Each lane
   * finds one row and tells its warp in `addresses`, of the warp's own, where there is room for 32.
   */
  template <class RowOf>
  static WS_DEVICE void bring(char* to, const void** addresses, RowOf row_of, int count) {
    const Warp warp;
    const int lane = warp.rank();
    const int first = threadIdx.x / Warp::size * own;
    warp.sync();
    if (lane < own) addresses[lane] = row_of(first + lane < count ? first + lane : count - 1);
    warp.sync();
    // Rows that a lane copies lie `step` apart; where that is a power of two their places differ in known bits.
    constexpr int step = Warp::size / pieces;
    constexpr bool regular = permuted && step * pieces == Warp::size && (own & (own - 1)) == 0;
    const int base = recomputed(place(first + lane / pieces, lane % pieces));
#pragma unroll
    for (int begin = 0; begin < own * pieces; begin += Warp::size) {
      const int row = regular ? lane / pieces + begin / pieces : (begin + lane) / pieces;
      const int piece = regular ? lane % pieces : (begin + lane) % pieces;
      const int at = regular ? (base ^ (begin / pieces % 8 * 16)) + begin * 16 : place(first + row, piece);
      if (own * pieces % Warp::size != 0 && row >= own) continue;
      const bool valid = first + row < count && piece < copied;
      copy_16_async(to + at, static_cast<const T*>(addresses[row]) + (valid ? piece * 8 : 0), valid);
    }
  }
};

}  // namespace ws
